import { randomInt } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyChains } from "../../core/verify-chains.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { processesWith } from "../kit/processes.ts";
import { type Profile } from "../kit/profiles.ts";
import { grownBy, wholeRecord } from "../kit/record.ts";
import { isDead, runningSleep } from "../kit/sleeping-command.ts";
import { rawChannel } from "../wire/raw-channel.ts";

const MINUTE = 60_000;

/** Ending a session on purpose: by its owner, by whom the rules allow, and by nobody else. */
describe.skipIf(!engineHere)("to terminate a session", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
    gateway.remainingMs = 9_500;
  });
  afterEach(() => gateway.emulator.clearFaults());
  afterAll(() => gateway.close());

  const open = () => runningSleep(gateway);
  const terminate = (who: Profile, sessionId: string, body: object = {}, key?: string) =>
    gateway.as(who)(
      "POST",
      `/v1/sessions/${sessionId}/terminate`,
      body,
      key === undefined ? {} : { "idempotency-key": key },
    );
  const endOf = async (sessionId: string) =>
    (await gateway.as("dev")("GET", `/v1/sessions/${sessionId}`)).body.end;
  const kindsOf = async (id: string) =>
    (await gateway.events.load(`REQ#${id}`)).map(({ leaf }) => JSON.parse(leaf).kind);

  it.each(["dev", "sre"] as const)("%s is enough, and is told what comes next", async (who) => {
    const { id, mark, sessionId } = await open();
    const { result, grown } = await grownBy(gateway.events, () =>
      terminate(who, sessionId, { comment: "it is stuck" }),
    );
    expect(grown).toEqual(["REQ:end.asked"]);
    expect(result.status, JSON.stringify(result.body)).toBe(202);
    expect(result.body).toMatchObject({ sessionId, requestId: id, state: "ending" });
    expect(result.body.note).toContain(result.body.endsBy);
    expect(await gateway.wake(id)).toBe(true);
    expect(await isDead(mark)).toBe(true);
    expect(await endOf(sessionId)).toMatchObject({ cause: "asked", strength: "ssm-status" });
    const again = await terminate(who, sessionId);
    expect([again.status, again.body.state, again.body.endsBy]).toEqual([200, "ended", undefined]);
  });

  it("is refused to whom no rule allows it, and nothing is ended", async () => {
    const { mark, sessionId } = await open();
    expect((await terminate("lead", sessionId)).body.code).toBe("not_permitted");
    expect((await terminate("stranger", sessionId)).body.code).toBe("session_not_found");
    await gateway.sweep();
    expect(processesWith(mark).length).toBeGreaterThan(0);
    await terminate("dev", sessionId);
    await gateway.sweep();
    expect(await isDead(mark)).toBe(true);
  });

  it("takes the rule of stopTask to stop its task, its owner too, and a gateway that may", async () => {
    const { id, mark, sessionId } = await open();
    for (const who of ["dev", "sre"] as const) {
      const { result, grown } = await grownBy(gateway.events, () =>
        terminate(who, sessionId, { stopTask: true }),
      );
      expect([result.status, result.body.code]).toEqual([403, "not_permitted"]);
      expect(result.body.detail).toContain(who === "dev" ? "no rule" : "not configured");
      expect(grown).toEqual(["REFUSED:decision.refused"]);
    }
    await terminate("dev", sessionId);
    expect(await gateway.wake(id)).toBe(true);
    expect(await isDead(mark)).toBe(true);
  });

  it("is heard once under one key, and refused with another body", async () => {
    const { id, sessionId } = await open();
    const key = `key-${randomInt(1e9)}`;
    const { grown } = await grownBy(gateway.events, async () => {
      for (let n = 0; n < 2; n++)
        expect((await terminate("dev", sessionId, {}, key)).status).toBe(202);
      // Nor does anybody else's wish for the same add to it.
      expect((await terminate("sre", sessionId)).status).toBe(202);
    });
    expect(grown).toEqual(["REQ:end.asked"]);
    const other = await terminate("dev", sessionId, { comment: "another" }, key);
    expect([other.status, other.body.code]).toEqual([422, "idempotency_conflict"]);
    expect(await gateway.wake(id)).toBe(true);
  });

  it("T56 racing with a client that connects ends it all the same, and both are on record", async () => {
    for (let n = 0; n < 5; n++) {
      const { id, mark, sessionId, streamUrl, token } = await open();
      const connecting = rawChannel({ streamUrl, token });
      const ending = terminate("sre", sessionId).then(() => gateway.wake(id));
      const [channel, swept] = await Promise.all([connecting, ending]);
      channel.acknowledgeAll();
      expect(swept).toBe(true);
      expect(await isDead(mark)).toBe(true);
      // Whether it came in time or not: there is nothing left to speak to.
      await channel.comes(
        () =>
          channel.code !== undefined ||
          channel.frames.some(({ messageType }) => messageType === "channel_closed"),
      );
      channel.leave();
      expect(await endOf(sessionId)).toMatchObject({ cause: "asked" });
      expect((await kindsOf(id)).slice(-4)).toEqual([
        "session.opened",
        "end.asked",
        "session.ended",
        "request.expired",
      ]);
    }
  });

  it("T13 is swept twice, and by many at once, and comes to the same", async () => {
    const { id, mark, sessionId } = await open();
    await terminate("dev", sessionId);
    await Promise.all([
      gateway.wake(id),
      gateway.wake(id),
      gateway.wake(id),
      gateway.sweep(),
      gateway.sweep(),
    ]);
    await gateway.sweep();
    await gateway.wake(id);
    expect(await isDead(mark)).toBe(true);
    const kinds = await kindsOf(id);
    expect(kinds.filter((kind) => kind === "session.ended")).toHaveLength(1);
    const state = await grownBy(gateway.events, () => gateway.sweep(MINUTE));
    // What was refused before is told by its number when its minute has passed.
    expect(state.grown.filter((name) => name !== "REFUSED:refusals.counted")).toEqual([]);
  });

  it("leaves a record that verifies", async () => {
    const record = await wholeRecord(gateway.events);
    expect(record.length).toBeGreaterThan(20);
    expect(verifyChains(record).problems).toEqual([]);
  });
});
