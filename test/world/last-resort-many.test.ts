import { describe, expect, it } from "vitest";
import { eventKey } from "../../core/append-plan.ts";
import { sha256Hex } from "../../core/digest.ts";
import { emptyTail, nextEvent, readEvent, type StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { counted } from "../kit/build-request.ts";
import { delivery, trailTime } from "../kit/cloud-trail.ts";
import { lastResortCommand } from "../kit/last-resort.ts";
import { uniqueIds } from "../kit/profiles.ts";
import { memoryEvents } from "./memory-events.ts";
import { eventsIn } from "./tables.ts";
import { alarms, MINUTE, watchFor } from "./watching.ts";
import { type Who, type World, world } from "./world.ts";

const ASSUMED = "0a1b2c3d-0000-4000-9000-000000000001";
const OTHER = "0a1b2c3d-0000-4000-9000-000000000002";
/** What one use is at the most, of 6 MB that Lambda answers with. */
const MOST_OF_ONE = 600_000;

/** The role is taken up by the user of `lead`, under a name that is nobody's. */
function takenUp(w: World): object {
  const fill = { sessionName: "nobody", at: trailTime(w.clock.now()), id: ASSUMED };
  const event = delivery("assume-last-resort", fill) as { detail: { userIdentity: object } };
  Object.assign(event.detail.userIdentity, { type: "IAMUser", principalId: uniqueIds.lead });
  return event;
}

const review = (w: World, who: Who, id: string) =>
  w.call(who, "POST", `/v1/last-resort/${id}/review`, { verdict: "justified", comment: "it was" });

/** Two uses, `ASIA1` and `ASIA2`, that are over; of the first the review is on record. */
async function oneOfTwoReviewed(): Promise<World> {
  const w = await world();
  const at = trailTime(w.clock.now());
  for (const [id, session] of [
    [ASSUMED, "ASIA1"],
    [OTHER, "ASIA2"],
  ] as const) {
    await w.watch(delivery("assume-last-resort", { sessionName: "nobody", at, id, session }));
  }
  w.clock.advance(46 * MINUTE);
  await review(w, "sre", ASSUMED);
  return w;
}

describe("two uses of the last resort", () => {
  it("are listed both where the review of one cannot be read, which hides neither and reviews none", async () => {
    const w = await oneOfTwoReviewed();
    const given = eventsIn(w.tables).at(-1) as StoredEvent;
    // As a later version wrote it, or whoever holds the credentials of `decide`.
    const leaf = given.leaf.replace("last_resort.reviewed", "last_resort.forgiven");
    const event = { ...given, chain: "REVIEW#ASIA2", leaf };
    w.tables.items.set(event.chain, new Map([[eventKey(1), { event }]]));
    const listed = await w.call("lead", "GET", "/v1/last-resort");
    const { items } = listed.body as { items: { id: string; review: { state: string } }[] };
    // Told of in one instant, they have no order.
    const states = Object.fromEntries(items.map(({ id, review: { state } }) => [id, state]));
    expect(states).toEqual({ [ASSUMED]: "done", [OTHER]: "owed" });
    expect((await w.call("lead", "GET", `/v1/last-resort/${OTHER}`)).status).toBe(500);
  });

  it("have no review in common: a call that reviewed one is no witness of the other's", async () => {
    const w = await oneOfTwoReviewed();
    // By whoever holds the credentials of `decide`, with all of a review that was given but for its use.
    const events = eventsIn(w.tables);
    const given = readEvent(events.at(-1) as StoredEvent);
    const of = events.find(({ leaf }) => leaf.includes(OTHER)) as StoredEvent;
    if (given.kind !== "last_resort.reviewed") throw new Error("nothing was reviewed");
    const { actor, configuration, call } = given;
    const seen = [{ chain: of.chain, seq: of.seq, hash: sha256Hex(of.leaf) }];
    const forged = nextEvent(
      emptyTail("REVIEW#ASIA2"),
      { ...given, data: { ...given.data, use: "ASIA2", seen } },
      { actor, configuration, now: given.at, random: counted, ...(call ? { call } : {}) },
    );
    await memoryEvents(w.tables, "").append([forged], []);
    expect(verifyChains(eventsIn(w.tables), { whole: true }).problems).toMatchObject([
      { chain: "REVIEW#ASIA2", what: "the call it names is of another use" },
    ]);
    await watchFor(w, 45);
    expect(alarms(w).filter((name) => name === "DecisionUnwitnessed")).toHaveLength(1);
  });
});

describe("a use of the last resort with very many calls", () => {
  it("is not reviewed by whoever took the role up, where AWS tells of that after all the others", async () => {
    const w = await world();
    const at = trailTime(w.clock.now());
    for (let n = 0; n < 101; n++) {
      await w.watch(delivery("execute-command-by-last-resort", { ...lastResortCommand, at }));
    }
    w.clock.advance(1);
    await w.watch(takenUp(w));
    w.clock.advance(95 * MINUTE);
    const items = (await w.call("lead", "GET", "/v1/last-resort")).body.items;
    expect(items).toMatchObject([{ id: ASSUMED, users: ["lead"], moreCalls: 2 }]);
    const [call] = items[0].calls.slice(-1);
    expect((await review(w, "lead", call.cloudTrailId)).body.code).toBe("self_approval");
    expect((await review(w, "sre", call.cloudTrailId)).status).toBe(200);
    expect(verifyChains(eventsIn(w.tables), { whole: true }).problems).toEqual([]);
  });

  it("is on a page that Lambda can answer with, whatever was written into its calls, and on one alone", async () => {
    const w = await world();
    const at = trailTime(w.clock.now());
    // AWS refuses it, and CloudTrail tells of it as it was asked.
    const asked = { ...lastResortCommand, container: "\u0001".repeat(600), at };
    for (const session of ["ASIA1", "ASIA2", "ASIA3", "ASIA4"]) {
      w.clock.advance(1);
      for (let n = 0; n < 100; n++) {
        await w.watch(delivery("execute-command-by-last-resort", { ...asked, session }));
      }
    }
    const seen: string[] = [];
    let cursor: string | undefined = "";
    while (cursor !== undefined) {
      const query: string = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
      const { body } = await w.call("lead", "GET", `/v1/last-resort${query}`);
      // Lambda quotes what it answers once more.
      const bytes = JSON.stringify(JSON.stringify(body)).length;
      expect(bytes).toBeLessThan(1_000_000 + MOST_OF_ONE);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.cursor;
    }
    expect([seen.length, new Set(seen).size]).toEqual([4, 4]);
  });
});
