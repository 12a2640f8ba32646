import { describe, expect, it } from "vitest";
import { execAnswer, stsExecRoles } from "../../adapters/sts-exec-roles.ts";
import { assumed, awsError, awsWire, json, stsError, type WireAnswer } from "../kit/aws-wire.ts";

const now = Date.parse("2026-11-24T08:20:20Z");
const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/sallyport/sallyport-exec`;
const clusterArn = `arn:aws:ecs:eu-west-1:${account}:cluster/prod`;
const taskArn = `arn:aws:ecs:eu-west-1:${account}:task/prod/${"a".repeat(32)}`;
const grant = {
  place: { account, region: "eu-west-1" },
  clusterArn,
  taskArn,
  container: "app",
  roleSessionName: "req-01arz3ndektsv4rrffq69g5fav.1",
  sourceIdentity: "alice",
  notAfter: now + 10_000,
};
const input = {
  clusterArn,
  taskArn,
  container: "app",
  command: `-x 'id  -u' "$(id)" \`id\`\n\\é ;`,
};
const response = {
  clusterArn,
  containerArn: `arn:aws:ecs:eu-west-1:${account}:container/prod/c`,
  containerName: "app",
  interactive: true,
  session: { sessionId: "ecs-execute-command-1", streamUrl: "wss://x", tokenValue: "TOKEN" },
  taskArn,
};

function roles(ecs: () => WireAnswer | Promise<WireAnswer>, sts?: () => WireAnswer) {
  let issued = 0;
  const wire = awsWire((call) =>
    call.operation === "AssumeRole" ? (sts ?? (() => assumed(++issued, now + 900_000)))() : ecs(),
  );
  const execRoles = stsExecRoles({
    aws: {
      homeRegion: "us-east-1",
      baseCredentials: async () => ({ accessKeyId: "LAMBDA", secretAccessKey: "s" }),
      requestHandler: wire.requestHandler,
    },
    clock: { now: () => now },
    roleArns: { [account]: roleArn },
  });
  return { execRoles, calls: wire.calls };
}

describe("stsExecRoles: assume", () => {
  it("names the request, the person and the container to STS, and binds the session to them", async () => {
    const { execRoles, calls } = roles(() => json(response));
    await execRoles.assume(grant);
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call?.host).toBe("sts.us-east-1.amazonaws.com");
    expect(call?.accessKeyId).toBe("LAMBDA");
    expect(call?.input).toMatchObject({
      RoleArn: roleArn,
      RoleSessionName: grant.roleSessionName,
      SourceIdentity: "alice",
      DurationSeconds: "900",
      "Tags.member.1.Key": "cluster",
      "Tags.member.1.Value": "prod",
      "Tags.member.2.Key": "task",
      "Tags.member.2.Value": "a".repeat(32),
      "Tags.member.3.Key": "container",
      "Tags.member.3.Value": "app",
    });
    expect(JSON.parse(String(call?.input["Policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["ecs:ExecuteCommand"],
          Resource: [clusterArn, taskArn],
          Condition: {
            StringEquals: { "ecs:container-name": "app" },
            DateLessThan: { "aws:CurrentTime": "2026-11-24T08:20:30Z" },
          },
        },
      ],
    });
  });

  it("assumes the role anew for every attempt", async () => {
    const { execRoles, calls } = roles(() => json(response));
    const first = await execRoles.assume(grant);
    const second = await execRoles.assume(grant);
    await first.executeCommand(input, now + 5_000);
    await second.executeCommand(input, now + 5_000);
    expect(calls.map((call) => [call.operation, call.accessKeyId])).toEqual([
      ["AssumeRole", "LAMBDA"],
      ["AssumeRole", "LAMBDA"],
      ["ExecuteCommand", "ASIA1"],
      ["ExecuteCommand", "ASIA2"],
    ]);
  });

  it.each([
    ["AccessDenied", "gateway_credentials"],
    ["ExpiredToken", "gateway_credentials"],
    ["ValidationError", "gateway_credentials"],
  ])("throws when STS answers %s, and sends nothing to ECS", async (code, expected) => {
    const { execRoles, calls } = roles(
      () => json(response),
      () => stsError(code),
    );
    await expect(execRoles.assume(grant)).rejects.toMatchObject({ code: expected });
    expect(calls.map((call) => call.operation)).toEqual(["AssumeRole"]);
  });

  it("throws for an answer without credentials, and keeps the answer out of the error", async () => {
    const { execRoles } = roles(
      () => json(response),
      () => ({ status: 200, body: "<x>SECRET", contentType: "text/xml" }),
    );
    const error = await execRoles.assume(grant).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "gateway_credentials" });
    expect(String((error as Error).cause)).not.toContain("SECRET");
  });

  it("throws for an account without a role, before anything is sent", async () => {
    const { execRoles, calls } = roles(() => json(response));
    const elsewhere = { ...grant, place: { account: "999988887777", region: "eu-west-1" } };
    await expect(execRoles.assume(elsewhere)).rejects.toMatchObject({
      code: "gateway_credentials",
    });
    expect(calls).toEqual([]);
  });
});

describe("stsExecRoles: executeCommand", () => {
  it("T55 sends what was approved, byte for byte, to the target's region, and answers as ECS did", async () => {
    const { execRoles, calls } = roles(() => json(response));
    const role = await execRoles.assume(grant);
    expect(await role.executeCommand(input, now + 5_000)).toEqual({ kind: "opened", response });
    expect(calls[1]).toMatchObject({
      host: "ecs.eu-west-1.amazonaws.com",
      operation: "ExecuteCommand",
      input: {
        cluster: clusterArn,
        task: taskArn,
        container: "app",
        command: input.command,
        interactive: true,
      },
    });
  });

  it.each([
    ["a 500", awsError("ServerException", "x", 500), "unknown"],
    ["a 503 without a body", { status: 503, body: "" }, "unknown"],
    ["throttling", awsError("ThrottlingException", "Rate exceeded"), "failed"],
    ["a refused signature", awsError("InvalidSignatureException", "skew", 403), "failed"],
    ["an answer that is no JSON", { status: 200, body: "<html>TOKEN" }, "unknown"],
    ["an empty answer", { status: 200, body: "" }, "unknown"],
    ["a redirection", { status: 307, body: "" }, "unknown"],
  ])("sends it once and no more after %s", async (_, answer, kind) => {
    const { execRoles, calls } = roles(() => answer);
    const role = await execRoles.assume(grant);
    const outcome = await role.executeCommand(input, now + 5_000);
    expect(outcome.kind).toBe(kind);
    expect(JSON.stringify(outcome)).not.toContain("TOKEN");
    expect(calls.filter((call) => call.operation === "ExecuteCommand")).toHaveLength(1);
  });

  it("sends it once and no more after a lost connection", async () => {
    const { execRoles, calls } = roles(() => {
      throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
    });
    const role = await execRoles.assume(grant);
    expect(await role.executeCommand(input, now + 5_000)).toMatchObject({ kind: "unknown" });
    expect(calls.filter((call) => call.operation === "ExecuteCommand")).toHaveLength(1);
  });
});

describe("execAnswer", () => {
  it.each([
    ["no session", {}],
    ["a session without an id", { session: { streamUrl: "wss://x", tokenValue: "T" } }],
    ["a session with an empty id", { session: { sessionId: "", tokenValue: "T" } }],
    ["a session id that is no text", { session: { sessionId: 7 } }],
    ["a session that is no object", { session: "x" }],
  ])("does not know what was started by an answer with %s", (_, change) => {
    const { session: _session, ...rest } = response;
    const answer = { ...rest, ...change } as unknown as Parameters<typeof execAnswer>[0];
    const outcome = execAnswer(answer);
    expect(outcome.kind).toBe("unknown");
    expect(JSON.stringify(outcome)).not.toContain('T"');
  });

  it("leaves a missing member empty, so that the session can still be ended by its id", () => {
    const outcome = execAnswer({ session: { sessionId: "ecs-execute-command-1" } });
    expect(outcome).toEqual({
      kind: "opened",
      response: {
        clusterArn: "",
        containerArn: "",
        containerName: "",
        interactive: false,
        session: { sessionId: "ecs-execute-command-1", streamUrl: "", tokenValue: "" },
        taskArn: "",
      },
    });
  });
});
