import { expect, it } from "vitest";
import { readEvent, type StoredEvent } from "../../../core/event.ts";
import type { Fault } from "../../../emulator/faults.ts";
import type { Answered } from "../../kit/gateway.ts";
import type { ObservedGateway } from "../../kit/observed-gateway.ts";

const NOT_ENABLED =
  "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.";

/** How a failed ExecuteCommand reaches the caller, and what is left of it. */
interface ErrorCase {
  status: number;
  code: string;
  hint: RegExp;
  /** Whether the grant's use is free again. */
  back: boolean;
  retryable: boolean;
  retryAfter?: string;
}

const denied: ErrorCase = {
  status: 403,
  code: "aws_denied_gateway",
  hint: /operates the gateway.*configuration.*ecs:container-name.*service control policy.*session policy/,
  back: true,
  retryable: false,
};
const parameter: ErrorCase = {
  status: 400,
  code: "aws_invalid_parameter",
  hint: /which parameter/,
  back: true,
  retryable: false,
};
const credentials: ErrorCase = {
  status: 503,
  code: "gateway_credentials",
  hint: /operates the gateway.*roles/,
  back: true,
  retryable: true,
  retryAfter: "5",
};
const unknown: ErrorCase = {
  status: 502,
  code: "outcome_unknown",
  hint: /found and ended within two minutes.*open again/,
  back: false,
  retryable: false,
};

export const errorCases: { [name: string]: ErrorCase } = {
  AccessDeniedException: denied,
  ClientException: {
    status: 400,
    code: "aws_client_error",
    hint: /AWS's text says/,
    back: true,
    retryable: false,
  },
  ClusterNotFoundException: {
    status: 404,
    code: "cluster_not_found",
    hint: /another region: ask again/,
    back: true,
    retryable: false,
  },
  InvalidParameterException: parameter,
  ServerException: unknown,
  TargetNotConnectedException: {
    status: 409,
    code: "target_not_connected",
    hint: /which checks failed, or were not made/,
    back: true,
    retryable: true,
  },
};

export const commonCases: { [name: string]: ErrorCase } = {
  AccessDenied: denied,
  ExpiredTokenException: credentials,
  IncompleteSignature: credentials,
  InternalFailure: unknown,
  InvalidClientTokenId: credentials,
  InvalidSignatureException: credentials,
  MalformedHttpRequestException: unknown,
  MissingAuthenticationToken: credentials,
  NotAuthorized: denied,
  OptInRequired: credentials,
  RequestAbortedException: unknown,
  RequestEntityTooLargeException: unknown,
  RequestExpired: credentials,
  RequestTimeoutException: unknown,
  ServiceUnavailable: unknown,
  SignatureDoesNotMatch: credentials,
  ThrottlingException: {
    status: 429,
    code: "throttled",
    hint: /wait 5 seconds/,
    back: true,
    retryable: true,
    retryAfter: "5",
  },
  UnknownOperationException: unknown,
  UnrecognizedClientException: credentials,
  ValidationError: parameter,
};

/** Every way ExecuteCommand fails, and every way it is kept from being sent. `names`: each with its HTTP status. */
export function errorsReachTheCaller(
  here: () => ObservedGateway,
  names: { [name: string]: number },
): void {
  /** `message`: AWS's, as people are to read it. */
  async function fails(
    name: string,
    fault: Fault & { kind: "error" },
    wanted: ErrorCase,
    message = fault.message,
  ): Promise<Answered> {
    const body = here().atOnce();
    here().gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
    const first = await here().during(() => here().execute(body));
    const { result } = first;
    expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
      wanted.status,
      wanted.code,
    ]);
    expect(result.body.aws.error).toBe(name);
    expect(result.body.retryable).toBe(wanted.retryable);
    expect(result.body.hint).toMatch(wanted.hint);
    expect(result.headers["retry-after"]).toBe(wanted.retryAfter);
    expect(first.executed).toBe(1);
    expect(first.events.map(({ kind }) => kind)).toEqual([
      "request.asked",
      "exec.intent",
      wanted.back ? "exec.failed" : "exec.unknown",
    ]);
    const outcome = first.events.at(-1)?.data;
    expect(outcome).toEqual(
      wanted.back ? { attempt: 1, code: wanted.code, aws: name } : { attempt: 1 },
    );
    const stored = here().written.findLast(({ chain }) => chain.startsWith("REQ#")) as StoredEvent;
    const { values } = readEvent(stored);
    expect(values).toEqual(wanted.back ? { detail: message } : values);
    expect(JSON.stringify(stored)).not.toContain(body.command);

    // The use is back, or it is held: one session more, or nothing more on the wire.
    const again = await here().during(() => here().execute(body));
    expect([again.result.status, again.result.body.code, again.executed]).toEqual(
      wanted.back ? [200, undefined, 1] : [502, "outcome_unknown", 0],
    );
    expect(here().tokens.includes(again.result.body.session?.tokenValue)).toBe(wanted.back);
    expect(here().tokenLeft()).toEqual([]);
    return result;
  }

  it.each(Object.entries(names))("%s reaches the caller as what it means", async (name, status) => {
    const wanted = errorCases[name] ?? commonCases[name];
    if (wanted === undefined) throw new Error(`${name} has no case`);
    const message = `AWS on ${name}`;
    const { body } = await fails(name, { kind: "error", code: name, status, message }, wanted);
    expect(body.type).toBe(`urn:sallyport:problem:${wanted.code}`);
  });

  it("an error nobody has heard of is as ambiguous as a failure of the service", async () => {
    const fault = { kind: "error", code: "NeverHeardOf", status: 400 } as const;
    const { body } = await fails("NeverHeardOf", fault, unknown);
    expect(body.attempt).toBe(1);
  });

  it("AWS's text is told with what would act on a terminal as code points", async () => {
    const message = "no\u001b[2J such\u202ething";
    const { body } = await fails(
      "ClientException",
      { kind: "error", code: "ClientException", status: 400, message },
      errorCases["ClientException"] as ErrorCase,
      "no\\u{1b}[2J such\\u{202e}thing",
    );
    expect([body.detail, body.aws.message]).toEqual([
      "no\\u{1b}[2J such\\u{202e}thing",
      "no\\u{1b}[2J such\\u{202e}thing",
    ]);
  });

  it.each([
    ["a reset", { kind: "reset" }],
    ["no answer", { kind: "hang" }],
    ["a bare 503", { kind: "status", status: 503 }],
    ["an answer that is lost", { kind: "applied-then-reset" }],
  ] satisfies [string, Fault][])(
    "%s holds the use, names no error, and is sent once",
    async (_, fault) => {
      const body = here().atOnce();
      here().gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
      const { result, executed, events } = await here().during(() => here().execute(body));
      expect([result.status, result.body.code, result.body.retryable]).toEqual([
        502,
        "outcome_unknown",
        false,
      ]);
      expect([executed, events.at(-1)?.kind]).toEqual([1, "exec.unknown"]);
      const again = await here().during(() => here().execute(body));
      expect([again.result.body.code, again.executed]).toEqual(["outcome_unknown", 0]);
      expect(here().tokenLeft()).toEqual([]);
    },
  );

  it("InvalidParameter for exec that is off is told from an agent that does not run", async () => {
    const fault = {
      kind: "error",
      code: "InvalidParameterException",
      status: 400,
      message: NOT_ENABLED,
    } as const;
    await fails("InvalidParameterException", fault, {
      status: 409,
      code: "agent_not_running",
      hint: /wait a minute/,
      back: true,
      retryable: true,
    });

    const asked = await here().post("/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "exec is off",
    });
    const task = here().taskOf("demo", "payments-api");
    here().gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
    // The look before the open sees what is there; the one after it, a task started without ECS Exec.
    here().gateway.emulator.fault(
      { operation: "DescribeTasks", times: 1 },
      { kind: "slow", ms: 1 },
    );
    here().gateway.emulator.fault(
      { operation: "DescribeTasks" },
      {
        kind: "lie",
        merge: {
          tasks: [
            {
              taskArn: task.arn,
              clusterArn: task.clusterArn,
              taskDefinitionArn: task.definition.arn,
              lastStatus: "RUNNING",
              enableExecuteCommand: false,
            },
          ],
        },
      },
    );
    const off = await here().during(() =>
      here().post(`/v1/requests/${asked.body.id}/sessions`, {}),
    );
    expect([off.result.status, off.result.body.code, off.result.body.aws.error]).toEqual([
      409,
      "exec_not_enabled",
      "InvalidParameterException",
    ]);
    expect(off.result.body.hint).toMatch(/UpdateService.*new deployment/);
    expect(off.events.at(-1)?.data).toMatchObject({ code: "exec_not_enabled" });
    here().gateway.emulator.clearFaults();
    const opened = await here().post(`/v1/requests/${asked.body.id}/sessions`, {});
    expect(opened.status).toBe(201);
  });

  it("a condition key that does not match is AWS's refusal of the gateway: a cluster outside, another container", async () => {
    const outside = {
      ...here().waits(),
      cluster: "outside",
      task: here().taskOf("outside", "elsewhere").id,
    };
    const waiting = await here().execute(outside);
    expect(waiting.status, JSON.stringify(waiting.body)).toBe(202);
    await here().decide("approve", waiting.body);
    for (const body of [outside, here().atOnce()]) {
      if (body !== outside) here().assumesFor = "envoy";
      const { result, events, executed } = await here().during(() => here().execute(body));
      expect([result.status, result.body.code, result.body.aws.error, executed]).toEqual([
        403,
        "aws_denied_gateway",
        "AccessDeniedException",
        1,
      ]);
      expect(result.body.title).toBe("AWS refused the gateway's role, not you");
      expect(events.at(-1)?.kind).toBe("exec.failed");
      expect(
        here().gateway.logged.some((line) => line.includes("AWS refused the gateway's role")),
      ).toBe(true);
      here().assumesFor = undefined;
      const again = await here().execute(body);
      expect(again.status).toBe(body === outside ? 403 : 200);
    }
  });

  it("a refusal by our rules carries no error of AWS, and is on record", async () => {
    const { result, asked, executed } = await here().during(() =>
      here().execute({ ...here().waits(), command: "/bin/uname -r", durationMinutes: 1440 }),
    );
    expect([result.status, result.body.code, result.body.aws]).toEqual([
      403,
      "refused_by_rule",
      undefined,
    ]);
    expect([asked, executed]).toEqual([["REQ:request.refused"], 0]);
  });

  it("preflight that is red refuses at once, on record, and asks nobody", async () => {
    const body = { ...here().waits(), task: here().taskOf("demo", "legacy").id };
    const { result, asked, executed } = await here().during(() => here().execute(body));
    expect([result.status, result.body.code]).toEqual([409, "preflight_failed"]);
    expect(result.body.problems[0]).toMatchObject({ check: "exec_enabled" });
    expect([asked, executed]).toEqual([["REQ:request.refused"], 0]);
  });
}
