import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RequestView } from "../../api/response-schemas.ts";
import { runCli } from "../../cli/main.ts";
import { cardDigest, type ExecCard } from "../../core/card.ts";
import { card } from "../cli/cards.ts";
import { request } from "../cli/requests-of-anybody.ts";
import { looked } from "../kit/looks.ts";

/*
 * A gateway that lies gets no connection from `exec`, so that nothing is typed into a shell nobody approved.
 * It is a real server, which counts what is asked of it and who comes to its message gateway.
 */

const id = "1tz5k7texx4pdk9kp3vg8atqnw";
const arn = "arn:aws:ecs:us-east-1:111122223333";
const opened = {
  clusterArn: `${arn}:cluster/demo`,
  containerArn: `${arn}:container/demo/t/c`,
  containerName: "app",
  interactive: true,
  taskArn: `${arn}:task/demo/${"a".repeat(32)}`,
  sallyport: {
    requestId: id,
    attempt: 1,
    target: "ecs:demo_t_r",
    region: "us-east-1",
    expiresAt: "2026-11-24T13:00:00.000Z",
    transcript: "none",
  },
};

/** What it says in place of the truth: when asked, once it is approved, and of the session it opened. */
interface Lie {
  asked?: Partial<RequestView>;
  approved?: Partial<RequestView>;
  session?: object;
}

let server: Server;
let folder: string;
let lie: Lie = {};
/** Sessions that were asked for, and connections to the message gateway. */
let [opens, came] = [0, 0];
const onTheWire = (): [opens: number, came: number] => {
  looked("wire");
  return [opens, came];
};

const withCard = (any: ExecCard): Partial<RequestView> => ({
  card: any,
  target: any.target,
  digest: cardDigest(any),
});
const elsewhere = (target: Partial<ExecCard["target"]>): Partial<RequestView> =>
  withCard({ ...card, target: { ...card.target, ...target } });

function answer(method: string, path: string): { status: number; body: object } {
  if (path.endsWith("/sessions")) {
    opens += 1;
    const { port } = server.address() as AddressInfo;
    const streamUrl = `ws://127.0.0.1:${port}/stream`;
    const session = { sessionId: "s-1", streamUrl, tokenValue: "secret-token" };
    return { status: 201, body: { ...opened, session, ...lie.session } };
  }
  if (method === "POST") {
    return { status: 201, body: request({ id, ...withCard(card), ...lie.asked }) };
  }
  if (path.startsWith(`/v1/requests/${id}`)) {
    const status = "approved";
    return {
      status: 200,
      body: request({ id, status, seq: 2, ...withCard(card), ...lie.approved }),
    };
  }
  return { status: 200, body: { items: [], asOf: "" } };
}

beforeAll(async () => {
  server = createServer((asked, response) => {
    asked.resume();
    const { status, body } = answer(asked.method ?? "", asked.url ?? "");
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.on("upgrade", (_, socket) => {
    came += 1;
    socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  folder = mkdtempSync(join(tmpdir(), "sallyport-lies-"));
  writeFileSync(join(folder, "endpoint.json"), JSON.stringify({ api: `http://127.0.0.1:${port}` }));
  writeFileSync(
    join(folder, "credentials"),
    "[dev]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret-key-of-dev\n",
  );
});
beforeEach(() => {
  [opens, came] = [0, 0];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function exec(told: Lie): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  lie = told;
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end("typed into whatever it is\n");
  const exitCode = await runCli(
    ["--as", "dev", "--state", folder, "exec", "demo/payments-api:app", "--reason", "why"],
    {
      stdin: stdin as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
      stderr: stderr as unknown as NodeJS.WriteStream,
      env: {},
      cwd: folder,
    },
    {
      runLocal: async () => undefined,
      policyEngine: async () => {
        throw new Error("no engine here");
      },
      recovery: async () => {
        throw new Error("no tables here");
      },
      lists: async () => {
        throw new Error("no tables here");
      },
    },
  );
  const said = {
    exitCode,
    stdout: String((stdout.read() as Buffer | null) ?? ""),
    stderr: String((stderr.read() as Buffer | null) ?? ""),
  };
  expect(said.stdout + said.stderr).not.toContain("secret");
  return said;
}

describe("exec, by a gateway that lies", () => {
  it("is believed where it tells the truth, or this would prove nothing", async () => {
    await exec({});
    expect([opens, came]).toEqual([1, 1]);
  });

  it.each([
    ["another container", { containerName: "envoy" }, "container"],
    ["another cluster", { clusterArn: `${arn}:cluster/prod` }, "cluster"],
    [
      "a task of another cluster",
      { taskArn: `${arn}:task/prod/${"a".repeat(32)}` },
      "task's cluster",
    ],
    [
      "another request",
      { sallyport: { ...opened.sallyport, requestId: `2${id.slice(1)}` } },
      "request",
    ],
  ])("about the session, which is of %s, gets no connection", async (_, session, what) => {
    const { exitCode, stdout, stderr } = await exec({ session });
    expect([opens, came]).toEqual([1, 0]);
    expect([exitCode, stdout, stderr]).toEqual([
      1,
      "",
      expect.stringContaining(`was approved: ${what}`),
    ]);
    expect(stderr).toContain("tell whoever operates the gateway");
  });

  it("about the session and the request's target alike, is found out by the card", async () => {
    const target = { ...card.target, container: "envoy" };
    const { exitCode } = await exec({ approved: { target }, session: { containerName: "envoy" } });
    expect([exitCode, came]).toEqual([1, 0]);
  });

  const lies: [string, Partial<RequestView>, string][] = [
    ["the command", withCard({ ...card, command: "/bin/rm -rf /" }), "another command"],
    ["the cluster", elsewhere({ clusterArn: `${arn}:cluster/prod` }), "another target"],
    ["the container", elsewhere({ container: "envoy" }), "another target"],
    ["the digest", { digest: cardDigest({ ...card, reason: "another" }) }, "not this card's"],
    ["the digest, naming none", { digest: undefined }, "not this card's"],
    ["the card, showing none", { card: undefined }, "no card"],
  ] as [string, Partial<RequestView>, string][];

  it.each(lies)(
    "T54 about %s from the beginning, is not asked to open anything",
    async (_, asked, what) => {
      const { exitCode, stderr } = await exec({ asked, approved: asked });
      expect([exitCode, onTheWire(), stderr]).toEqual([1, [0, 0], expect.stringContaining(what)]);
    },
  );

  it.each([
    ...lies,
    ["which request it is", { id: `2${id.slice(1)}` }, "for another"],
  ] as typeof lies)(
    "about %s once it is approved, is not asked to open anything",
    async (_, approved, what) => {
      const { exitCode, stderr } = await exec({ approved });
      expect([exitCode, opens, came, stderr]).toEqual([1, 0, 0, expect.stringContaining(what)]);
    },
  );

  it("about where the session is, sends its token nowhere but to AWS or this machine", async () => {
    const stray = {
      sessionId: "s-1",
      streamUrl: "wss://evil.example/x",
      tokenValue: "secret-token",
    };
    const { exitCode } = await exec({ session: { session: stray } });
    expect([exitCode, came]).toEqual([1, 0]);
  });
});
