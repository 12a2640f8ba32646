import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stsExecRoles } from "../../adapters/sts-exec-roles.ts";
import type { ExecRole } from "../../core/execute-command.ts";
import { assumed } from "../kit/aws-wire.ts";
import { looked } from "../kit/looks.ts";

/*
 * How often ExecuteCommand reaches the wire is for the SDK, Node's sockets and our settings together to
 * say; so real ones, against a server that answers badly.
 */

const account = "111122223333";
const clusterArn = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const taskArn = `arn:aws:ecs:us-east-1:${account}:task/prod/${"a".repeat(32)}`;
const input = { clusterArn, taskArn, container: "app", command: "/bin/sh" };
const opened = JSON.stringify({
  clusterArn,
  containerArn: "arn:c",
  containerName: "app",
  interactive: true,
  session: { sessionId: "ecs-execute-command-1", streamUrl: "wss://x", tokenValue: "TOKEN" },
  taskArn,
});

type Misbehave = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;

/** A server that answers AssumeRole, and ExecuteCommand as told; and the role assumed from it. */
async function against(misbehave: Misbehave): Promise<{ role: ExecRole; arrived: () => number }> {
  let arrived = 0;
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.headers["x-amz-target"] === undefined) {
        response.writeHead(200, { "content-type": "text/xml" });
        response.end(assumed(1, Date.now() + 900_000).body);
        return;
      }
      arrived++;
      misbehave(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const roles = stsExecRoles({
    aws: {
      homeRegion: "us-east-1",
      baseCredentials: async () => ({ accessKeyId: "LAMBDA", secretAccessKey: "s" }),
      endpoints: { ecs: endpoint, sts: endpoint },
    },
    clock: { now: () => Date.now() },
    roleArns: { [account]: `arn:aws:iam::${account}:role/sallyport/sallyport-exec` },
  });
  const role = await roles.assume({
    place: { account, region: "us-east-1" },
    clusterArn,
    taskArn,
    container: "app",
    roleSessionName: "req-1.1",
    sourceIdentity: "alice",
    notAfter: Date.now() + 10_000,
  });
  return {
    role,
    arrived: () => {
      looked("wire");
      return arrived;
    },
  };
}

/** Everything that was printed: the SDK and its sockets must not say anything. */
let printed: unknown[][];

beforeEach(() => {
  printed = [];
  for (const method of ["debug", "info", "log", "warn", "error"] as const) {
    vi.spyOn(console, method).mockImplementation((...words) => void printed.push(words));
  }
});

afterEach(async () => {
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const misbehaviours: [string, Misbehave][] = [
  [
    "a 500",
    (_, response) => {
      response.writeHead(500, { "content-type": "application/x-amz-json-1.1" });
      response.end(`{"__type":"ServerException","message":"boom"}`);
    },
  ],
  ["a 503 without a body", (_, response) => response.writeHead(503).end()],
  ["a reset", (request) => request.socket.resetAndDestroy()],
  ["a closed connection", (request) => request.socket.end()],
  ["silence", () => undefined],
  [
    "an answer that stops half-way",
    (_, response) => {
      response.writeHead(200, { "content-length": opened.length });
      response.write(opened.slice(0, -20));
    },
  ],
  [
    "an answer cut off half-way",
    (request, response) => {
      response.writeHead(200, { "content-length": opened.length });
      response.write(opened.slice(0, -20), () => request.socket.resetAndDestroy());
    },
  ],
  ["an answer that is no JSON", (_, response) => response.writeHead(200).end(`TOKEN ${opened}`)],
  [
    "a redirection to itself",
    (request, response) => response.writeHead(307, { location: request.url ?? "/" }).end(),
  ],
];

describe("executeCommand on real sockets", () => {
  it.each(misbehaviours)(
    "T03 reaches ECS exactly once after %s, and knows nothing",
    async (_, how) => {
      const { role, arrived } = await against(how);
      const started = Date.now();
      const outcome = await role.executeCommand(input, started + 700);
      expect(outcome.kind).toBe("unknown");
      expect(JSON.stringify(outcome)).not.toContain("TOKEN");
      expect(Date.now() - started).toBeLessThan(1_500);
      // Long enough for the SDK's first repeat, which comes within 100 ms.
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(arrived()).toBe(1);
      expect(printed).toEqual([]);
    },
  );

  it("T10 reaches ECS exactly once when it is throttled, and says that nothing was started", async () => {
    const { role, arrived } = await against((_, response) => {
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(`{"__type":"ThrottlingException","message":"Rate exceeded"}`);
    });
    expect(await role.executeCommand(input, Date.now() + 2_000)).toEqual({
      kind: "failed",
      code: "throttled",
      aws: { error: "ThrottlingException", message: "Rate exceeded" },
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(arrived()).toBe(1);
  });

  it("uses no connection twice, so that none can have died while it lay idle", async () => {
    const sockets = new Set<unknown>();
    const { role } = await against((request, response) => {
      sockets.add(request.socket);
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(opened);
    });
    expect((await role.executeCommand(input, Date.now() + 2_000)).kind).toBe("opened");
    expect((await role.executeCommand(input, Date.now() + 2_000)).kind).toBe("opened");
    expect(sockets.size).toBe(2);
  });

  it("does not reach ECS at all once its deadline is over", async () => {
    const { role, arrived } = await against((_, response) => response.end(opened));
    expect((await role.executeCommand(input, Date.now() - 1)).kind).toBe("unknown");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(arrived()).toBe(0);
  });
});
