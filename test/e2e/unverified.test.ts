import { DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith } from "../kit/processes.ts";
import { wholeRecord } from "../kit/record.ts";
import { isDead, runningSleep } from "../kit/sleeping-command.ts";
import { type RawChannel, rawChannel } from "../wire/raw-channel.ts";

const MINUTE = 60_000;

/** What AWS says of an end is looked at, and what only serves reading is not needed for one. */
describe.skipIf(!engineHere)("the end of a session", () => {
  let gateway: TestGateway;
  const clients: RawChannel[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.remainingMs = 9_500;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(async () => {
    for (const client of clients) client.leave();
    await gateway.close();
  });

  async function open() {
    const { id, mark, streamUrl, token } = await runningSleep(gateway, { durationMinutes: 30 });
    clients.push(await rawChannel({ streamUrl, token }));
    return { id, mark };
  }
  const ends = async (id: string) =>
    (await gateway.events.load(`REQ#${id}`))
      .map(({ leaf }) => JSON.parse(leaf))
      .filter(({ kind }) => /^(end\.unverified|session\.ended)$/.test(kind));

  it("that TerminateSession only claims is on record as unverified, counted, and tried again by the next sweep", async () => {
    const { id, mark } = await open();
    expect(gateway.counted).toEqual([]);
    gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
    await gateway.sweep(31 * MINUTE);
    expect((await ends(id)).map(({ kind, data }) => [kind, data.tries])).toEqual([
      ["end.unverified", 1],
    ]);
    expect(gateway.counted).toEqual(["EndUnverified"]);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await gateway.sweep(32 * MINUTE);
    expect(gateway.counted).toEqual(["EndUnverified", "EndUnverified"]);
    gateway.emulator.clearFaults();
    await gateway.sweep(33 * MINUTE);
    expect((await ends(id)).map(({ kind }) => kind)).toEqual([
      "end.unverified",
      "end.unverified",
      "session.ended",
    ]);
    expect(await isDead(mark)).toBe(true);
    // What has ended is counted no more.
    await gateway.sweep(34 * MINUTE);
    expect(gateway.counted).toHaveLength(2);
  });

  it("T13 that many sweeps try at once is one try on record, and in the end one end", async () => {
    const { id, mark } = await open();
    gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
    await Promise.all(Array.from({ length: 3 }, () => gateway.sweep(31 * MINUTE)));
    expect((await ends(id)).map(({ kind, data }) => [kind, data.tries])).toEqual([
      ["end.unverified", 1],
    ]);
    gateway.emulator.clearFaults();
    await Promise.all(Array.from({ length: 3 }, () => gateway.sweep(33 * MINUTE)));
    expect(await isDead(mark)).toBe(true);
    const kinds = (await ends(id)).map(({ kind }) => kind);
    expect(kinds).toEqual(["end.unverified", "session.ended"]);
  });

  it("comes in its minute although the views were deleted in the middle of it", async () => {
    const { id, mark } = await open();
    await gateway.dynamodb.send(new DeleteTableCommand({ TableName: "views" }));
    await gateway.sweep(29 * MINUTE);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await gateway.sweep(30.1 * MINUTE);
    expect(await isDead(mark)).toBe(true);
    expect((await ends(id)).map(({ kind, data }) => [kind, data.cause])).toEqual([
      ["session.ended", "expired"],
    ]);
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
