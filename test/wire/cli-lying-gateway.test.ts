import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cardDigest } from "../../core/card.ts";
import { card } from "../cli/cards.ts";
import { commandLine } from "../cli/command-line.ts";
import { request } from "../cli/requests-of-anybody.ts";

/*
 * A gateway that lies about what it opened gets no connection from `exec`, so that nothing is typed into a
 * shell nobody approved. The message gateway here is a port that counts who comes.
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

describe("exec, by a gateway that lies", () => {
  let server: Server;
  let port: number;
  let came = 0;
  beforeAll(async () => {
    server = createServer((socket) => {
      came += 1;
      socket.destroy();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    port = address.port;
  });
  beforeEach(() => {
    came = 0;
  });
  afterAll(() => void server.close());

  const exec = async (lie: { session?: object; asked?: object }) => {
    const session = {
      sessionId: "s-1",
      streamUrl: `ws://127.0.0.1:${port}/x`,
      tokenValue: "secret",
    };
    const { run } = commandLine(({ method, path }) => {
      if (method === "GET") return { body: { items: [], asOf: "" } };
      if (path.endsWith("/sessions"))
        return { status: 201, body: { ...opened, session, ...lie.session } };
      const asked = request({ id, status: "approved", card, digest: cardDigest(card) });
      return { status: 201, body: { ...asked, ...lie.asked } };
    });
    const ran = await run("exec", "demo/payments-api:app", "--reason", "why");
    expect(ran.stdout + ran.stderr).not.toContain("secret");
    return ran;
  };

  it("is believed where it tells the truth, or this would prove nothing", async () => {
    await exec({});
    expect(came).toBe(1);
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
      { sallyport: { ...opened.sallyport, requestId: "2tz5k7texx4pdk9kp3vg8atqnw" } },
      "request",
    ],
  ])("about %s, gets no connection and is told on", async (_, session, what) => {
    const { exitCode, stderr } = await exec({ session });
    expect(came).toBe(0);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(`was approved: ${what}`)]);
    expect(stderr).toContain("tell whoever operates the gateway");
  });

  it("about the command on the card, is not asked to open anything", async () => {
    const other = { ...card, command: "/bin/rm -rf /" };
    const { exitCode, stderr } = await exec({ asked: { card: other, digest: cardDigest(other) } });
    expect([exitCode, came]).toEqual([1, 0]);
    expect(stderr).toContain("another command on the card");
  });

  it("about where the session is, sends its token nowhere but to AWS or this machine", async () => {
    const elsewhere = { sessionId: "s-1", streamUrl: "wss://evil.example/x", tokenValue: "secret" };
    const { exitCode } = await exec({ session: { session: elsewhere } });
    expect([exitCode, came]).toEqual([1, 0]);
  });
});
