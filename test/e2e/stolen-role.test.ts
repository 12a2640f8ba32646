import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import { emptyTail, nextEvent } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy } from "../kit/record.ts";

/*
 * Whoever holds the role of the function that takes requests can put any request on record. It still takes
 * approvals: a request that shows one command and holds another opens nothing, and is told of.
 */
describe.skipIf(!engineHere)("with the role of the requests function", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  const executed = () =>
    gateway.emulator.calls.filter((call) => call.operation === "ExecuteCommand").length;
  const target = { cluster: "demo", service: "payments-api", container: "app" };
  const ask = async (command: string, headers = {}) =>
    await gateway.as("dev")("POST", "/v1/requests", { target, command, reason: "r" }, headers);

  /** A request like an honest one but for some of its values, on a chain of its own. */
  async function forged(honest: string, change: object): Promise<string> {
    const asked = await ask(honest);
    const [stored] = await gateway.events.load(`REQ#${asked.body.id}`);
    if (stored === undefined) throw new Error("no request");
    const { kind, data, actor, configuration } = JSON.parse(stored.leaf);
    const values = Object.fromEntries(
      Object.entries(stored.open).map(([field, { value }]) => [field, JSON.parse(value)]),
    );
    const id = `${asked.body.id.startsWith("0") ? "1" : "0"}${asked.body.id.slice(1)}`;
    const body = { kind, data, values: { ...values, ...change } } as EventBody;
    const by = { actor, configuration, now: Date.now(), random: systemRandom };
    const appended = await gateway.events.append([nextEvent(emptyTail(`REQ#${id}`), body, by)], []);
    expect(appended.kind).toBe("appended");
    return id;
  }

  it("a shell in place of an automatic command is not opened", async () => {
    const id = await forged("/bin/date", { command: "/bin/sh" });
    const before = executed();
    const opened = await gateway.as("dev")("POST", `/v1/requests/${id}/sessions`);
    expect([opened.status, opened.body.code]).toEqual([500, "record_corrupt"]);
    expect(JSON.stringify(opened.body)).not.toContain("tokenValue");
    expect(executed()).toBe(before);
  });

  it("a shell behind another command's card is shown to no approver", async () => {
    const id = await forged("/bin/ls /", { command: "/bin/sh", argv: ["/bin/sh"] });
    const seen = await gateway.as("lead")("GET", `/v1/requests/${id}`);
    expect([seen.status, seen.body.code, seen.body.card]).toEqual([
      500,
      "record_corrupt",
      undefined,
    ]);
  });

  it("an item put into the day's index alone hides nothing else of the day", async () => {
    await ask("/bin/date");
    const day = new Date().toISOString().slice(0, 10);
    for (const [n, chain, seq] of [
      [1, "REQ#nowhere", "1"],
      [2, "", "1"],
      [3, "CONF", "1"],
    ] as const) {
      await gateway.dynamodb.send(
        new PutItemCommand({
          TableName: "events",
          Item: {
            pk: { S: `DAY#${day}#0` },
            sk: { S: `0${n}` },
            chain: { S: chain },
            seq: { N: seq },
          },
        }),
      );
    }
    const page = await gateway.as("auditor")("GET", `/v1/events?day=${day}`);
    expect(page.status, JSON.stringify(page.body)).toBe(200);
    expect(page.body.items.length).toBeGreaterThan(1);
    expect(page.body.missing).toEqual([
      { chain: "REQ#nowhere", seq: 1 },
      { chain: "", seq: 1 },
    ]);
  });
});

describe.skipIf(!engineHere)("what a caller knows of others", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(async () => {
    await gateway.close();
  });

  it("T35 is the same of another's request as of none, by whatever the list is asked to wait for", async () => {
    const asked = await gateway.as("dev")("POST", "/v1/requests", {
      target: { cluster: "demo", service: "payments-api", container: "app" },
      command: "/bin/date",
      reason: "r",
    });
    await gateway.project(asked.body.id);
    const stale = async (who: "dev" | "stranger", id: string) => {
      const { result, grown } = await grownBy(gateway.events, () =>
        gateway.as(who)("GET", `/v1/requests?atLeast=${id}:1`),
      );
      return [result.body.stale === true, grown];
    };
    expect(await stale("dev", asked.body.id)).toEqual([false, []]);
    expect(await stale("stranger", asked.body.id)).toEqual([true, []]);
    expect(await stale("stranger", "0".repeat(26))).toEqual([true, []]);
  });
});
