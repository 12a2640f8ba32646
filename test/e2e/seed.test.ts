import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import type { Fault } from "../../emulator/faults.ts";
import type { Task } from "../../emulator/fleet.ts";
import type { Reference } from "../../tools/check-seed.ts";
import { engineHere } from "../kit/engine.ts";
import { type Answered, type Profile, startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { named, wholeRecord } from "../kit/record.ts";

/** Every name of the ExecuteCommand reference: tools/check-seed.ts holds it to AWS's text. */
const reference: Reference = JSON.parse(
  readFileSync(new URL("../fixtures/execute-command-reference.json", import.meta.url), "utf8"),
);

const account = "111122223333";
const arn = (rest: string): string => `arn:aws:ecs:us-east-1:${account}:${rest}`;
const ROUTE = "/v1/execute-command";
const NOT_ENABLED =
  "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.";

/** How a failed ExecuteCommand reaches the caller, and what is left of it. */
interface ErrorCase {
  status: number;
  code: string;
  hint: RegExp;
  /** Whether the grant's use is free again. */
  back: boolean;
  retryAfter?: string;
}

const denied: ErrorCase = {
  status: 403,
  code: "aws_denied_gateway",
  hint: /operates the gateway.*configuration.*ecs:container-name.*service control policy.*session policy/,
  back: true,
};
const parameter: ErrorCase = {
  status: 400,
  code: "aws_invalid_parameter",
  hint: /which parameter/,
  back: true,
};
const credentials: ErrorCase = {
  status: 503,
  code: "gateway_credentials",
  hint: /operates the gateway.*roles/,
  back: true,
  retryAfter: "5",
};
const unknown: ErrorCase = {
  status: 502,
  code: "outcome_unknown",
  hint: /stays held.*ask again/,
  back: false,
};

const errorCases: { [name: string]: ErrorCase } = {
  AccessDeniedException: denied,
  ClientException: {
    status: 400,
    code: "aws_client_error",
    hint: /AWS's text says/,
    back: true,
  },
  ClusterNotFoundException: {
    status: 404,
    code: "cluster_not_found",
    hint: /another region: ask again/,
    back: true,
  },
  InvalidParameterException: parameter,
  ServerException: unknown,
  TargetNotConnectedException: {
    status: 409,
    code: "target_not_connected",
    hint: /ssmmessages.*none of these was checked/,
    back: true,
  },
};

const commonCases: { [name: string]: ErrorCase } = {
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
    hint: /Retry-After/,
    back: true,
    retryAfter: "5",
  },
  UnknownOperationException: unknown,
  UnrecognizedClientException: credentials,
  ValidationError: parameter,
};

describe.skipIf(!engineHere)("the ExecuteCommand reference, through the gateway", () => {
  let gateway: TestGateway;
  /** What the emulator drew for tokens, in order. */
  const tokens: string[] = [];
  /** Everything that was answered, but for the answers that may hold a token. */
  const answers: string[] = [];
  /** What the record took, in order. */
  const written: StoredEvent[] = [];
  let assumesFor: string | undefined;
  let wishes = 0;

  beforeAll(async () => {
    gateway = await startTestGateway({
      random: (n) => {
        const bytes = randomBytes(n);
        if (n === 96) tokens.push(bytes.toString("base64url"));
        return bytes;
      },
      wrapEvents: (events) => ({
        ...events,
        append: async (entries, fences) => {
          const appended = await events.append(entries, fences);
          if (appended.kind === "appended") written.push(...entries);
          return appended;
        },
      }),
      wrapExec: (ports) => ({
        ...ports,
        execRoles: {
          assume: (grant) =>
            ports.execRoles.assume({ ...grant, container: assumesFor ?? grant.container }),
        },
      }),
    });
    // Leaves ExecuteCommand a second and a half before an answer is due.
    gateway.remainingMs = 9_500;
  });
  afterEach(() => {
    gateway.emulator.clearFaults();
    assumesFor = undefined;
  });
  afterAll(async () => {
    await gateway.close();
  });

  const tasksOf = (cluster: string, service: string): Task[] =>
    gateway.emulator.fleet.clusters
      .find(({ name }) => name === cluster)
      ?.tasks.filter((t) => t.service === service && t.lastStatus === "RUNNING") ?? [];
  const taskOf = (cluster: string, service: string): Task => {
    const [task] = tasksOf(cluster, service);
    if (task === undefined) throw new Error(`no task of ${service}`);
    return task;
  };
  /** A wish of its own that the rules approve at once. */
  const atOnce = () => ({
    cluster: "demo",
    task: taskOf("demo", "payments-api").id,
    container: "app",
    command: "/bin/date",
    interactive: true,
    reason: `case ${++wishes}`,
  });
  /** One that waits for a lead. */
  const waits = () => ({
    cluster: "demo",
    task: taskOf("demo", "reports").id,
    command: "/bin/uname -r",
    interactive: true,
    reason: `case ${++wishes}`,
  });
  const post = async (path: string, body: unknown, who: Profile = "dev"): Promise<Answered> => {
    const answer = await gateway.as(who)("POST", path, body);
    if (answer.body.session === undefined)
      answers.push(JSON.stringify([answer.body, answer.headers]));
    return answer;
  };
  const execute = (body: unknown, who: Profile = "dev") => post(ROUTE, body, who);
  const decide = async (decision: "approve" | "deny", request: { id: string; digest: string }) => {
    const path = `/v1/requests/${request.id}/decisions`;
    const decided = await post(path, { decision, digest: request.digest }, "lead");
    expect(decided.status, JSON.stringify(decided.body)).toBe(200);
  };
  const onWire = (operation: string) =>
    gateway.emulator.calls.filter((call) => call.operation === operation);
  const during = async <T>(act: () => Promise<T>) => {
    const before = {
      executed: onWire("ExecuteCommand").length,
      ended: onWire("TerminateSession").length,
      written: written.length,
    };
    const result = await act();
    const added = written.slice(before.written);
    return {
      result,
      events: added.map((event) => JSON.parse(event.leaf)),
      asked: added
        .map(named)
        .filter((name) => name.startsWith("REQ:"))
        .toSorted(),
      executed: onWire("ExecuteCommand").length - before.executed,
      ended: onWire("TerminateSession").length - before.ended,
    };
  };
  /** Refused before anything was asked of anybody, on record or of ECS. */
  const refused = async (
    body: unknown,
    status: number,
    code: string,
    pointer?: string,
    path = ROUTE,
    who: Profile = "dev",
  ) => {
    const { result, asked, executed } = await during(() => post(path, body, who));
    expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([status, code]);
    if (pointer !== undefined) {
      expect(result.body.issues.map((issue: { pointer: string }) => issue.pointer)).toContain(
        pointer,
      );
    }
    expect([asked, executed]).toEqual([[], 0]);
    return result.body;
  };

  /** Where a token was left in which none may be: an answer that is no session, the record, the log. */
  function tokenLeft(): string[] {
    const places: [string, string][] = [
      ["answer", answers.join("\n")],
      ["log", gateway.logged.join("\n")],
      ["record", JSON.stringify(written)],
    ];
    return places.filter(([, text]) => tokens.some((t) => text.includes(t))).map(([name]) => name);
  }

  async function fails(name: string, fault: Fault, wanted: ErrorCase): Promise<Answered> {
    const body = atOnce();
    gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
    const first = await during(() => execute(body));
    const { result } = first;
    expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
      wanted.status,
      wanted.code,
    ]);
    expect(result.body.aws.error).toBe(name);
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

    const again = await during(() => execute(body));
    if (wanted.back) {
      expect(again.result.status, JSON.stringify(again.result.body)).toBe(200);
      expect([again.executed, tokens.includes(again.result.body.session.tokenValue)]).toEqual([
        1,
        true,
      ]);
    } else {
      expect([again.result.status, again.result.body.code]).toEqual([502, "outcome_unknown"]);
      expect([again.executed, again.asked]).toEqual([0, []]);
    }
    expect(tokenLeft()).toEqual([]);
    return result;
  }

  describe("errors", () => {
    it("have a case each, and there is no case of another", () => {
      expect(Object.keys(errorCases).toSorted()).toEqual(Object.keys(reference.errors).toSorted());
      expect(Object.keys(commonCases).toSorted()).toEqual(
        Object.keys(reference.commonErrors).toSorted(),
      );
    });

    const all = { ...reference.errors, ...reference.commonErrors };
    it.each(Object.entries(all))("%s reaches the caller as what it means", async (name, status) => {
      const wanted = errorCases[name] ?? commonCases[name];
      if (wanted === undefined) throw new Error(`${name} has no case`);
      await fails(name, { kind: "error", code: name, status }, wanted);
    });

    it("an error nobody has heard of is as ambiguous as a failure of the service", async () => {
      await fails("NeverHeardOf", { kind: "error", code: "NeverHeardOf", status: 400 }, unknown);
    });

    it("AWS's text is told with what would act on a terminal as code points", async () => {
      const message = "no\u001b[2J such\u202ething";
      const { body } = await fails(
        "ClientException",
        { kind: "error", code: "ClientException", status: 400, message },
        errorCases["ClientException"] as ErrorCase,
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
        const body = atOnce();
        gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
        const { result, executed, events } = await during(() => execute(body));
        expect([result.status, result.body.code, result.body.retryable]).toEqual([
          502,
          "outcome_unknown",
          false,
        ]);
        expect([executed, events.at(-1)?.kind]).toEqual([1, "exec.unknown"]);
        const again = await during(() => execute(body));
        expect([again.result.body.code, again.executed]).toEqual(["outcome_unknown", 0]);
        expect(tokenLeft()).toEqual([]);
      },
    );

    it("InvalidParameter for exec that is off is told from an agent that does not run", async () => {
      const fault: Fault = {
        kind: "error",
        code: "InvalidParameterException",
        status: 400,
        message: NOT_ENABLED,
      };
      await fails("InvalidParameterException", fault, {
        status: 409,
        code: "agent_not_running",
        hint: /wait a minute/,
        back: true,
      });

      const asked = await post("/v1/requests", {
        target: { cluster: "demo", service: "payments-api", container: "app" },
        command: "/bin/date",
        reason: "exec is off",
      });
      const task = taskOf("demo", "payments-api");
      gateway.emulator.fault({ operation: "ExecuteCommand", times: 1 }, fault);
      // The look before the open sees what is there; the one after it, a task started without ECS Exec.
      gateway.emulator.fault({ operation: "DescribeTasks", times: 1 }, { kind: "slow", ms: 1 });
      gateway.emulator.fault(
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
      const off = await during(() => post(`/v1/requests/${asked.body.id}/sessions`, {}));
      expect([off.result.status, off.result.body.code, off.result.body.aws.error]).toEqual([
        409,
        "exec_not_enabled",
        "InvalidParameterException",
      ]);
      expect(off.result.body.hint).toMatch(/UpdateService.*new deployment/);
      expect(off.events.at(-1)?.data).toMatchObject({ code: "exec_not_enabled" });
      gateway.emulator.clearFaults();
      const opened = await post(`/v1/requests/${asked.body.id}/sessions`, {});
      expect(opened.status).toBe(201);
    });

    it("a condition key that does not match is AWS's refusal of the gateway: a cluster outside, another container", async () => {
      const outside = {
        ...waits(),
        cluster: "outside",
        task: taskOf("outside", "elsewhere").id,
      };
      const waiting = await execute(outside);
      expect(waiting.status, JSON.stringify(waiting.body)).toBe(202);
      await decide("approve", waiting.body);
      for (const body of [outside, atOnce()]) {
        if (body !== outside) assumesFor = "envoy";
        const { result, events, executed } = await during(() => execute(body));
        expect([result.status, result.body.code, result.body.aws.error, executed]).toEqual([
          403,
          "aws_denied_gateway",
          "AccessDeniedException",
          1,
        ]);
        expect(result.body.title).toBe("AWS refused the gateway's role, not you");
        expect(events.at(-1)?.kind).toBe("exec.failed");
        expect(gateway.logged.some((line) => line.includes("AWS refused the gateway's role"))).toBe(
          true,
        );
        assumesFor = undefined;
        const again = await execute(body);
        expect(again.status).toBe(body === outside ? 403 : 200);
      }
    });

    it("a refusal by our rules carries no error of AWS, and is on record", async () => {
      const { result, asked, executed } = await during(() =>
        execute({ ...waits(), command: "/bin/uname -r", durationMinutes: 1440 }),
      );
      expect([result.status, result.body.code, result.body.aws]).toEqual([
        403,
        "refused_by_rule",
        undefined,
      ]);
      expect([asked, executed]).toEqual([["REQ:request.refused"], 0]);
    });

    it("preflight that is red refuses at once, on record, and asks nobody", async () => {
      const body = { ...waits(), task: taskOf("demo", "legacy").id };
      const { result, asked, executed } = await during(() => execute(body));
      expect([result.status, result.body.code]).toEqual([409, "preflight_failed"]);
      expect(result.body.problems[0]).toMatchObject({ check: "exec_enabled" });
      expect([asked, executed]).toEqual([["REQ:request.refused"], 0]);
    });
  });

  describe("response fields", () => {
    const other = arn(`task/demo/${"0".repeat(32)}`);
    /** What ECS answers in place of the truth, and whether the gateway can end what it started. */
    const lies: { [field: string]: { merge: object; ends: boolean }[] } = {
      clusterArn: [{ merge: { clusterArn: arn("cluster/vault") }, ends: true }],
      containerArn: [
        { merge: { containerArn: arn("container/demo/0/0") }, ends: true },
        { merge: { containerArn: null }, ends: true },
      ],
      containerName: [{ merge: { containerName: "envoy" }, ends: true }],
      taskArn: [{ merge: { taskArn: other }, ends: true }],
      "session.sessionId": [
        { merge: { session: { sessionId: "" } }, ends: false },
        { merge: { session: { sessionId: null } }, ends: false },
        { merge: { session: null }, ends: false },
      ],
      "session.streamUrl": [{ merge: { session: { streamUrl: "" } }, ends: true }],
      "session.tokenValue": [{ merge: { session: { tokenValue: "" } }, ends: true }],
    };
    /** ECS's own word, which is not ours to judge: passed on as it is. */
    const unchanged = ["interactive"];

    it("have a case each, and there is no case of another", () => {
      expect([...Object.keys(lies), ...unchanged].toSorted()).toEqual(
        reference.response.toSorted(),
      );
    });

    it("are ECS's values and nothing else, uncached, and delivered once", async () => {
      const body = atOnce();
      const { result, executed, events } = await during(() => execute(body));
      const task = taskOf("demo", "payments-api");
      const container = task.containers.find(({ name }) => name === "app");
      const call = onWire("ExecuteCommand").at(-1);
      expect([result.status, result.body], JSON.stringify(result.body)).toEqual([
        200,
        {
          clusterArn: arn("cluster/demo"),
          containerArn: container?.arn,
          containerName: "app",
          interactive: true,
          session: {
            sessionId: call?.sessionId,
            streamUrl: expect.stringContaining(gateway.emulator.gatewayUrl),
            tokenValue: tokens.at(-1),
          },
          taskArn: task.arn,
        },
      ]);
      const names = Object.entries(result.body as object).flatMap(([name, value]) =>
        typeof value === "object" && value !== null
          ? Object.keys(value).map((inner) => `${name}.${inner}`)
          : [name],
      );
      expect(names.toSorted()).toEqual(reference.response.toSorted());
      expect(result.headers["cache-control"]).toBe("no-store");
      expect([executed, events.map(({ kind }) => kind)]).toEqual([
        1,
        ["request.asked", "exec.intent", "session.opened"],
      ]);

      const again = await during(() => execute(body));
      expect([again.result.status, again.result.body.code]).toEqual([
        409,
        "session_already_opened",
      ]);
      expect(again.result.body.sessionId).toBe(call?.sessionId);
      expect([again.executed, again.asked]).toEqual([0, []]);
      expect(tokenLeft()).toEqual([]);
    });

    const cases = Object.entries(lies).flatMap(([field, all]) =>
      all.map((lie) => [JSON.stringify(lie.merge), field, lie] as const),
    );
    it.each(cases)(
      "%s: another %s is no session for the caller",
      async (_, _field, { merge, ends }) => {
        const body = atOnce();
        gateway.emulator.fault(
          { operation: "ExecuteCommand", times: 1 },
          { kind: "lie", merge: merge as never },
        );
        const { result, executed, ended, events } = await during(() => execute(body));
        expect([result.status, result.body.code], JSON.stringify(result.body)).toEqual([
          502,
          "exec_response_mismatch",
        ]);
        expect(result.body.hint).toMatch(/operates the gateway/);
        expect(result.body.session).toBeUndefined();
        expect([executed, ended]).toEqual([1, ends ? 1 : 0]);
        const last = events.at(-1);
        expect([last?.kind, last?.data.withheld]).toEqual(
          ends ? ["session.opened", "response_mismatch"] : ["exec.unknown", undefined],
        );
        const again = await during(() => execute(body));
        expect(again.result.status).toBeGreaterThanOrEqual(400);
        expect([again.executed, again.asked]).toEqual([0, []]);
        expect(tokenLeft()).toEqual([]);
      },
    );

    it("interactive is what ECS says of it", async () => {
      gateway.emulator.fault(
        { operation: "ExecuteCommand", times: 1 },
        { kind: "lie", merge: { interactive: false } },
      );
      const { status, body } = await execute(atOnce());
      expect([status, body.interactive]).toEqual([200, false]);
    });

    it("a token would be found, were it left", async () => {
      expect(tokens.length).toBeGreaterThan(0);
      answers.push(tokens[0] ?? "");
      expect(tokenLeft()).toEqual(["answer"]);
      answers.pop();
    });
  });

  describe("request fields", () => {
    const fields: { [name: string]: () => void } = {
      cluster() {
        it("omitted is the one named default, shown and recorded by its ARN", async () => {
          const { cluster: _, ...body } = waits();
          const task = taskOf("default", "hello");
          const { result, events } = await during(() => execute({ ...body, task: task.id }));
          expect([result.status, result.body.target.clusterArn]).toEqual([
            202,
            arn("cluster/default"),
          ]);
          expect(result.body.card.target.clusterArn).toBe(arn("cluster/default"));
          expect(events[0]?.data.target.clusterArn).toBe(arn("cluster/default"));
        });

        it("by its name and by its ARN is one wish, with one digest", async () => {
          const body = waits();
          const byName = await execute(body);
          const byArn = await execute({ ...body, cluster: arn("cluster/demo") });
          expect([byName.status, byArn.status]).toEqual([202, 202]);
          expect([byArn.body.id, byArn.body.digest]).toEqual([byName.body.id, byName.body.digest]);

          const { cluster: _, task, interactive: __, ...rest } = body;
          const [one, two] = await Promise.all(
            ["demo", arn("cluster/demo")].map((cluster) =>
              post("/v1/requests", { ...rest, target: { cluster, task } }),
            ),
          );
          expect([one?.body.digest, two?.body.digest]).toEqual([
            byName.body.digest,
            byName.body.digest,
          ]);
        });

        it.each([
          "",
          "demo/x",
          "a b",
          "arn:aws:ecs:us-east-1:1:cluster/x",
          "x".repeat(256),
          arn("service/demo"),
        ])("%j is none", async (cluster) => {
          await refused({ ...waits(), cluster }, 400, "cluster_invalid", "/cluster");
          await refused(
            { target: { cluster, service: "reports" }, command: "/bin/date", reason: "x" },
            400,
            "cluster_invalid",
            "/target/cluster",
            "/v1/requests",
          );
        });

        it("that is missing, is not the gateway's or is closed to the caller answers the same", async () => {
          const bodies = [];
          for (const cluster of ["nowhere", arn("cluster/nowhere"), "vault"]) {
            const task = taskOf("vault", "secrets").id;
            bodies.push(await refused({ ...waits(), cluster, task }, 404, "cluster_not_found"));
          }
          bodies.push(
            await refused(waits(), 404, "cluster_not_found", undefined, ROUTE, "stranger"),
          );
          const [first, ...others] = bodies.map(({ instance: _, ...rest }) => rest);
          for (const body of others) expect(body).toEqual(first);
        });
      },

      command() {
        const none: [string, object][] = [
          ["absent", { command: undefined }],
          ["empty", { command: "" }],
          ["blank", { command: " \t" }],
          ["a comment", { command: "# date" }],
          ["an open quote", { command: "echo 'x" }],
          ["an open escape", { command: "echo \\" }],
          ["NUL", { command: "echo a\0b" }],
          ["half a character", { command: "echo \ud800" }],
          ["more than 8 KiB", { command: `echo ${"x".repeat(8192)}` }],
          ["more than 8 KiB in bytes", { command: `echo ${"é".repeat(4095)}` }],
          ["no text", { command: 7 }],
        ];
        it.each(none)("%s is none", async (_, change) => {
          await refused({ ...waits(), ...change }, 400, "command_invalid", "/command");
          const wish = { target: { cluster: "demo", service: "reports" }, reason: "x", ...change };
          await refused(wish, 400, "command_invalid", "/command", "/v1/requests");
        });

        it("is sent to ECS byte for byte", async () => {
          const command = "/bin/sh  -c   'echo \"$HOME\" é; exit'  # so";
          const body = { ...waits(), command };
          const waiting = await execute(body);
          expect(waiting.body.argv).toEqual(["/bin/sh", "-c", 'echo "$HOME" é; exit']);
          await decide("approve", waiting.body);
          const path = `/v1/requests/${waiting.body.id}/decisions`;
          const second = { decision: "approve", digest: waiting.body.digest };
          expect((await post(path, second, "sre")).body.status).toBe("approved");
          expect((await execute(body)).status).toBe(200);
          expect(onWire("ExecuteCommand").at(-1)?.input["command"]).toBe(command);
        });

        it("that carries a secret is refused with the safe way, and is written nowhere", async () => {
          const secret = "hunter2-of-case-1";
          const command = `psql postgres://app:${secret}@db/app`;
          for (const path of [ROUTE, "/v1/requests"]) {
            const { task, cluster, interactive, ...wish } = { ...waits(), command };
            const body = await refused(
              path === ROUTE
                ? { ...wish, task, cluster, interactive }
                : { ...wish, target: { cluster, task } },
              400,
              "secret_in_command",
              "/command",
              path,
            );
            expect(body.hint).toMatch(/environment.*Secrets Manager/);
            expect(JSON.stringify(body)).not.toContain(secret);
          }
          expect(JSON.stringify(written)).not.toContain(secret);
          expect(gateway.logged.join("\n")).not.toContain(secret);
        });
      },

      container() {
        it("omitted where there is one is filled in, and sent", async () => {
          const body = waits();
          const waiting = await execute(body);
          expect([waiting.status, waiting.body.target.container]).toEqual([202, "app"]);
          await decide("approve", waiting.body);
          const opened = await execute(body);
          expect([opened.status, opened.body.containerName]).toEqual([200, "app"]);
          expect(onWire("ExecuteCommand").at(-1)?.input["container"]).toBe("app");
        });

        it("omitted where there are several is asked for, by name", async () => {
          const { container: _, ...body } = atOnce();
          const answer = await refused(body, 400, "container_required");
          expect(answer.containers).toEqual(["app", "envoy"]);
          expect(answer.hint).toContain("app, envoy");
        });

        it("that is not there is refused with those that are", async () => {
          const answer = await refused({ ...atOnce(), container: "web" }, 400, "container_unknown");
          expect(answer.containers).toEqual(["app", "envoy"]);
        });
      },

      interactive() {
        it.each([undefined, false, "true", 1, null])(
          "%j is no session of ECS Exec",
          async (interactive) => {
            const { aws, hint } = await refused(
              { ...waits(), interactive },
              400,
              "interactive_required",
              "/interactive",
            );
            expect([aws.error, hint]).toEqual([
              "InvalidParameterException",
              expect.stringContaining("interactive: true"),
            ]);
            if (interactive === undefined) return;
            const wish = { target: { cluster: "demo", service: "reports" }, command: "/bin/date" };
            const other = await refused(
              { ...wish, reason: "x", interactive },
              400,
              "interactive_required",
              "/interactive",
              "/v1/requests",
            );
            expect(other.aws).toEqual(aws);
          },
        );

        it("omitted is true where a request is asked in the gateway's own shape", async () => {
          const target = { cluster: "demo", service: "reports" };
          const wish = { target, command: "/bin/uname -r", reason: "x" };
          expect((await post("/v1/requests", wish)).status).toBe(201);
        });
      },

      task() {
        it("by its id and by either form of its ARN is one wish", async () => {
          const body = waits();
          const ids = [];
          for (const task of [body.task, arn(`task/demo/${body.task}`), arn(`task/${body.task}`)]) {
            const answer = await execute({ ...body, task });
            expect([answer.status, answer.body.target.taskArn]).toEqual([
              202,
              arn(`task/demo/${body.task}`),
            ]);
            ids.push(answer.body.id);
          }
          expect(new Set(ids).size).toBe(1);
        });

        it("is needed in AWS's shape", async () => {
          const { task: _, ...body } = waits();
          await refused(body, 400, "body_invalid", "/task");
          await refused({ ...body, task: "x" }, 400, "target_invalid", "/task");
        });

        it("that is unknown, of another cluster or not the caller's is not there", async () => {
          const { instance: _, ...never } = await refused(
            { ...waits(), task: "0".repeat(32) },
            400,
            "task_not_found",
          );
          expect(never.tasks).toBeUndefined();
          expect(never.hint).toContain("sallyport targets");
          const elsewhere = arn(`task/vault/${taskOf("vault", "secrets").id}`);
          await refused({ ...waits(), task: elsewhere }, 400, "task_not_found", "/task");
          const other = taskOf("default", "hello").id;
          const { instance: __, ...foreign } = await refused(
            { ...waits(), task: other },
            400,
            "task_not_found",
          );
          expect(foreign).toEqual(never);
        });

        it("that has stopped says so, with up to five of its service that run", async () => {
          const stopped = taskOf("demo", "payments-api");
          gateway.emulator.fleet.replaceTask("payments-api");
          const gone = gateway.emulator.fleet.clusters
            .find(({ name }) => name === "demo")
            ?.tasks.find((task) => task.lastStatus === "STOPPED");
          expect(gone?.id).toBe(stopped.id);
          const answer = await refused({ ...atOnce(), task: stopped.id }, 400, "task_not_running");
          const there = tasksOf("demo", "payments-api").map((task) => task.arn);
          expect(answer.tasks.toSorted()).toEqual(there.toSorted());
          expect(answer.hint).toContain(there[0]?.split("/").at(-1));
          const { instance: _, ...stranger } = await refused(
            { ...atOnce(), task: stopped.id },
            404,
            "cluster_not_found",
            undefined,
            ROUTE,
            "stranger",
          );
          expect(stranger.tasks).toBeUndefined();
        });
      },
    };

    it("have a case each, and there is no case of another", () => {
      expect(Object.keys(fields).toSorted()).toEqual(reference.request.toSorted());
      expect(reference.required.every((name) => reference.request.includes(name))).toBe(true);
    });
    for (const name of reference.request) describe(name, () => fields[name]?.());

    it("are all there are, but for what a request needs besides", async () => {
      await refused({ ...waits(), service: "reports" }, 400, "body_invalid");
      const { reason: _, ...body } = waits();
      await refused(body, 400, "body_invalid", "/reason");
    });
  });

  describe("services and families, which are ours", () => {
    const wish = { command: "/bin/uname -r", reason: "which kernel" };
    const ask = (target: object, status: number, code: string, who: Profile = "dev") =>
      refused({ target, ...wish }, status, code, undefined, "/v1/requests", who);

    it("that are unknown are answered with the nearest where the caller may ask", async () => {
      const service = await ask(
        { cluster: "demo", service: "payments-ap" },
        404,
        "service_not_found",
      );
      expect(service.nearest[0]).toBe("payments-api");
      expect(service.nearest.toSorted()).toEqual(["broken", "legacy", "payments-api", "reports"]);
      expect(service.hint).toContain("payments-api");
      const family = await ask({ cluster: "demo", family: "nigthly" }, 404, "service_not_found");
      expect(family.nearest).toEqual(["nightly"]);
    });

    it("that the caller may not ask for are as unknown, and never named", async () => {
      gateway.emulator.fleet.setServiceTags("legacy", { team: "others" });
      try {
        const { instance: _, ...closed } = await ask(
          { cluster: "demo", service: "legacy" },
          404,
          "service_not_found",
        );
        expect(JSON.stringify(closed)).not.toContain("legacy");
        const { instance: __, ...never } = await ask(
          { cluster: "demo", service: "legacx" },
          404,
          "service_not_found",
        );
        expect(never).toEqual(closed);
        // Its tasks as well: those of no service asked for, and those named beside one that is open to the caller.
        const task = taskOf("demo", "legacy").id;
        const missing = "0".repeat(32);
        for (const beside of [
          {},
          { service: "reports" },
          { family: "one" },
          { family: "nightly" },
        ]) {
          const [of, none] = await Promise.all(
            [task, missing].map((one) =>
              post("/v1/requests", { target: { cluster: "demo", task: one, ...beside }, ...wish }),
            ),
          );
          const { instance: ___, ...a } = of?.body ?? {};
          const { instance: ____, ...b } = none?.body ?? {};
          expect([of?.status, a], JSON.stringify(beside)).toEqual([none?.status, b]);
          expect(of?.status).toBe(400);
        }
      } finally {
        gateway.emulator.fleet.setServiceTags("legacy", { team: "payments" });
      }
    });

    it("contradicted by a task are refused, with tasks that run there", async () => {
      const task = taskOf("demo", "reports").id;
      const service = await ask(
        { cluster: "demo", service: "payments-api", task },
        400,
        "task_not_found",
      );
      expect(service.tasks.toSorted()).toEqual(
        tasksOf("demo", "payments-api")
          .map((one) => one.arn)
          .toSorted(),
      );
      const family = await ask({ cluster: "demo", family: "nightly", task }, 400, "task_not_found");
      expect(family.tasks).toHaveLength(1);
      await ask(
        { cluster: "demo", service: "reports", family: "one", task },
        400,
        "target_invalid",
      );
      await ask({ cluster: "demo", service: "reprots", task }, 404, "service_not_found");
    });
  });

  describe("the same call repeated", () => {
    it("waits as one request, opens once it is approved, and then tells of the session", async () => {
      const body = waits();
      const first = await during(() => execute(body));
      expect([first.result.status, first.result.body.status]).toEqual([202, "pending"]);
      const second = await during(() => execute(body, "dev2"));
      expect([second.result.status, second.result.body.id]).toEqual([202, first.result.body.id]);
      expect([second.asked, second.executed]).toEqual([[], 0]);
      await decide("approve", first.result.body);
      const opened = await execute(body);
      expect([opened.status, opened.body.taskArn]).toEqual([200, arn(`task/demo/${body.task}`)]);
      const after = await execute(body);
      expect([after.status, after.body.code, after.body.sessionId]).toEqual([
        409,
        "session_already_opened",
        opened.body.session.sessionId,
      ]);
    });

    it("is another wish with another reason, command or duration, and from another person", async () => {
      const body = waits();
      const ids = new Set<string>();
      for (const change of [
        {},
        { reason: `${body.reason}!` },
        { command: "/bin/uname -s" },
        { ticket: "OPS-1" },
        { durationMinutes: 5 },
        { container: "app" },
      ]) {
        const answer = await execute({ ...body, ...change });
        expect(answer.status, JSON.stringify(answer.body)).toBe(202);
        ids.add(answer.body.id);
      }
      expect(ids.size).toBe(6);
    });

    it("is asked anew once it was denied or cancelled, however often that was", async () => {
      const body = waits();
      const ids = new Set<string>();
      for (let n = 1; n <= 6; n++) {
        const { result, asked } = await during(() => execute(body));
        expect([result.status, asked]).toEqual([202, ["REQ:request.asked"]]);
        expect((await execute(body)).body.id).toBe(result.body.id);
        ids.add(result.body.id);
        if (n % 2 === 0) await decide("deny", result.body);
        else await post(`/v1/requests/${result.body.id}/cancel`, {});
      }
      expect(ids.size).toBe(6);
    });

    it("at the same time is one request and one session", async () => {
      const body = atOnce();
      const { result, asked, executed } = await during(() =>
        Promise.all(Array.from({ length: 6 }, () => execute(body))),
      );
      const statuses = result.map(({ status }) => status).toSorted();
      expect(statuses).toEqual([200, 409, 409, 409, 409, 409]);
      expect(executed).toBe(1);
      expect(asked).toEqual(["REQ:exec.intent", "REQ:request.asked", "REQ:session.opened"]);
    });

    it("waits again when the rules have changed under what was approved", async () => {
      const body = waits();
      const waiting = await execute(body);
      await decide("approve", waiting.body);
      const set = await changedRules((text) =>
        text.replaceAll('@approvals("{team}-leads:1")', '@approvals("{team}-leads:1, sre:1")'),
      );
      try {
        const again = await during(() => execute(body));
        expect([again.result.status, again.result.body.id]).toEqual([202, waiting.body.id]);
        expect(again.executed).toBe(0);
      } finally {
        await set.back();
      }
    });
  });

  it("leaves a record that verifies, holds what was written and nothing else, and no token in any table", async () => {
    const stored = await wholeRecord(gateway.events);
    expect(verifyChains(stored).problems).toEqual([]);
    const leaves = (events: StoredEvent[]) => events.map(({ leaf }) => leaf).toSorted();
    expect(leaves(stored)).toEqual(leaves(written));
    for (const TableName of ["events", "views"]) {
      let from: Record<string, never> | undefined;
      do {
        const page = await gateway.dynamodb.send(
          new ScanCommand({
            TableName,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        const text = JSON.stringify(page.Items ?? []);
        expect(tokens.filter((token) => text.includes(token))).toEqual([]);
        from = page.LastEvaluatedKey as typeof from;
      } while (from !== undefined);
    }
  });

  /** Activates changed rules, and those before them again. */
  async function changedRules(change: (policies: string) => string) {
    const { rulesHere } = await import("../../local/rules-here.ts");
    const activate = async (policies: string) => {
      const proposed = await post(
        "/v1/activations",
        { ...rulesHere(), policies, reason: `rules ${++wishes}` },
        "operator",
      );
      const { id, digest } = proposed.body.request;
      const decision = { decision: "approve", digest };
      const done = await post(`/v1/requests/${id}/decisions`, decision, "sre");
      expect(done.body.status, JSON.stringify(done.body)).toBe("closed");
    };
    const { policies } = rulesHere();
    expect(change(policies)).not.toBe(policies);
    await activate(change(policies));
    return { back: () => activate(policies) };
  }
});
