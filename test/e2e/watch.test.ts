import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";

/** The watcher on a real engine, with calls that reached the emulator of AWS. What it compares is in test/world. */

const account = "111122223333";
const MINUTE = 60_000;
const cluster = `arn:aws:ecs:us-east-1:${account}:cluster/demo`;

let gateway: TestGateway;
let ahead = 0;

beforeAll(async () => {
  gateway = await startTestGateway();
}, 60_000);
afterAll(() => gateway.close());

const deliver = (event: object) => gateway.watch(event, ahead);

/** Asks and opens in one container, and what CloudTrail would tell of it. */
async function opened(service: string): Promise<{ id: string; told: { [name: string]: string } }> {
  const { id } = (
    await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service, container: "app" },
      command: "/bin/sleep 30",
      reason: "a look",
    })
  ).body;
  const { digest } = (await gateway.as("lead")("GET", `/v1/requests/${id}`)).body;
  const decision = { decision: "approve", digest };
  for (const who of ["lead", "sre"] as const) {
    await gateway.as(who)("POST", `/v1/requests/${id}/decisions`, decision);
  }
  const { status, body } = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
  expect(status).toBe(201);
  const sent = gateway.emulator.calls.findLast(({ operation }) => operation === "ExecuteCommand");
  const { task, container, command } = (sent?.input ?? {}) as {
    [name: string]: string;
  };
  return {
    id,
    told: {
      at: trailTime(Date.now()),
      sessionName: `req-${id}.1`,
      person: "dev",
      cluster,
      task: task ?? "",
      container: container ?? "",
      command: command ?? "",
      sessionId: body.session.sessionId,
    },
  };
}

/** What the watcher put on record of a request, and of what names none. */
async function found(): Promise<ReturnType<typeof readEvent>[]> {
  const days = [new Date(), new Date(Date.now() + ahead)].map((at) =>
    at.toISOString().slice(0, 10),
  );
  const chains = [...new Set(days)].map((day) => gateway.events.load(`WATCH#${account}#${day}`));
  return (await Promise.all(chains)).flat().map(readEvent);
}

describe("T74 on a real engine", () => {
  it("T74 matches, counts once, and says what is extra, foreign and missing", async () => {
    const { id, told } = await opened("payments-api");
    const other = await opened("reports");
    const own = delivery("execute-command", told);
    const foreign = delivery("execute-command-by-alice", told);
    // At once, twice, and in any order.
    await Promise.all([own, foreign, own, foreign].map(deliver));
    await deliver(delivery("execute-command", told));
    const now = await found();
    expect(now.map(({ kind }) => kind).toSorted()).toEqual([
      "call.differed",
      "call.differed",
      "call.matched",
    ]);
    expect(now.find(({ kind }) => kind === "call.matched")).toMatchObject({
      data: { request: id, attempt: 1, call: { sessionId: told["sessionId"] } },
    });
    expect(gateway.counted).toEqual(["WatchDifference", "WatchDifference"]);

    await deliver({ task: "compare" });
    expect(await found()).toHaveLength(3);
    // One decision of which API Gateway wrote nothing.
    const at = gateway.accessLines.findIndex(({ route }) => route.endsWith("/decisions"));
    const unwritten = gateway.accessLines.splice(at, 1)[0]?.call;
    ahead = 40 * MINUTE;
    await deliver({ task: "compare" });
    await deliver({ task: "compare" });
    const missing = (await found()).filter(({ kind }) => kind === "call.missing");
    expect(missing).toMatchObject([{ data: { request: other.id, attempt: 1, why: "no_call" } }]);
    const unseen = (await found()).filter(({ kind }) => kind === "decision.unwitnessed");
    expect(unseen).toMatchObject([{ data: { call: unwritten, why: "no_line" } }]);
    expect(gateway.counted.filter((name) => name === "DecisionUnwitnessed")).toHaveLength(1);
    expect(gateway.counted.filter((name) => name === "WatchDifference")).toHaveLength(3);
    const stored = await Promise.all(
      [
        "CONF",
        `REQ#${id}`,
        `REQ#${other.id}`,
        ...new Set((await found()).map(({ chain }) => chain)),
      ].map((chain) => gateway.events.load(chain)),
    );
    expect(verifyChains(stored.flat()).problems).toEqual([]);
  }, 60_000);
});
