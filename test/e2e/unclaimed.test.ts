import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith } from "../kit/processes.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";
import { isDead, runningSleep } from "../kit/sleeping-command.ts";
import { rawChannel } from "../wire/raw-channel.ts";

const MINUTE = 60_000;

/** What was handed over and nobody joined runs as root, with nobody at it: it is ended after two minutes. */
describe.skipIf(!engineHere)("a session that nobody joins", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.remainingMs = 9_500;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  const open = () => runningSleep(gateway);
  const kindsFrom = async (id: string, seq: number) =>
    (await gateway.events.load(`REQ#${id}`)).slice(seq).map(({ leaf }) => JSON.parse(leaf).kind);
  const length = async (id: string) => (await gateway.events.load(`REQ#${id}`)).length;
  const endOf = async (id: string) =>
    (await gateway.as("dev")("GET", `/v1/requests/${id}`)).body.sessions[0].end;

  it("is ended after two minutes and not before, with what SSM said of it on record", async () => {
    const { id, mark } = await open();
    const before = await length(id);
    await gateway.sweep(1.9 * MINUTE);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    expect(await kindsFrom(id, before)).toEqual([]);
    await gateway.sweep(2.1 * MINUTE);
    expect(await isDead(mark)).toBe(true);
    expect(await kindsFrom(id, before)).toEqual([
      "session.unclaimed",
      "session.ended",
      "request.expired",
    ]);
    const [evidence] = (await gateway.events.load(`REQ#${id}`)).slice(before);
    expect(JSON.parse(evidence?.leaf ?? "").data).toMatchObject({ status: "Connecting" });
    expect(await endOf(id)).toMatchObject({ cause: "unclaimed", strength: "ssm-status" });
  });

  it("is left alone where somebody has joined it, though they have gone again", async () => {
    for (const leaves of [false, true]) {
      const { id, mark, streamUrl, token } = await open();
      const channel = await rawChannel({ streamUrl, token });
      await channel.comes(() => channel.frames.length > 0);
      if (leaves) {
        channel.leave();
        await channel.comes(() => channel.code !== undefined);
      }
      const { grown } = await grownBy(gateway.events, () => gateway.sweep(10 * MINUTE));
      expect(grown).toEqual([]);
      expect(processesWith(mark).length).toBeGreaterThan(0);
      channel.leave();
      await gateway.as("sre")("POST", `/v1/requests/${id}/revoke`, {});
      expect(await gateway.wake(id)).toBe(true);
      expect(await isDead(mark)).toBe(true);
    }
  });

  it("is tried again for the same cause, where its end could not be seen", async () => {
    const { id, mark } = await open();
    const before = await length(id);
    gateway.emulator.fault({ operation: "TerminateSession" }, { kind: "status", status: 200 });
    await gateway.sweep(3 * MINUTE);
    expect(await kindsFrom(id, before)).toEqual(["session.unclaimed", "end.unverified"]);
    gateway.emulator.clearFaults();
    await gateway.sweep(5 * MINUTE);
    expect(await isDead(mark)).toBe(true);
    expect((await endOf(id)).cause).toBe("unclaimed");
  });

  it("leaves a record that verifies", async () => {
    expect(verifyChains(await wholeRecord(gateway.events)).problems).toEqual([]);
  });
});
