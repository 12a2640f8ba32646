import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../core/digest.ts";
import { type Actor, emptyTail, nextEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { CallOnRecord } from "../../core/kinds/watched.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { counted, MINUTE, NOW } from "../kit/build-request.ts";
import { assumed } from "../kit/last-resort.ts";

const chain = "WATCH#111122223333#2026-11-24";
const KEY = "ASIAEXAMPLEKEY000002";
const DAY = 24 * 60 * MINUTE;
const OVER = NOW + 45 * MINUTE;

type Used = Extract<EventBody, { kind: "last_resort.used" }>;
type Reviewed = Extract<EventBody, { kind: "last_resort.reviewed" }>;

const call = (change: Partial<CallOnRecord> = {}): CallOnRecord => ({ ...assumed, ...change });
const use = (change: Partial<Used["data"]> = {}): Used => ({
  kind: "last_resort.used",
  data: {
    call: call(),
    session: KEY,
    by: "111122223333:AIDAEXAMPLEKEPT000001",
    from: "198.51.100.7",
    until: NOW + 15 * MINUTE,
    reviewDueAt: NOW + DAY,
    ...change,
  },
  values: {},
});
/** As the earlier version wrote it. */
const undated = (): Used => ({ kind: "last_resort.used", data: { call: call() }, values: {} });

const put = (
  on: string,
  bodies: EventBody[],
  { at = NOW, actor = WATCHER }: { at?: number; actor?: Actor } = {},
): StoredEvent[] => {
  let tail = emptyTail(on);
  return bodies.map((body) => {
    const by = { actor, configuration: { seq: 0, hash: "" }, now: at, random: counted };
    const event = nextEvent(tail, body, by);
    tail = tailAfter(tail, event);
    return event;
  });
};
const WATCHER: Actor = { kind: "gateway", function: "watcher", principal: "w" };
const LEAD: Actor = { kind: "person", person: "lead", principal: "111122223333:AIDA" };

function reviewOf(seen: StoredEvent | undefined, change: Partial<Reviewed["data"]> = {}): Reviewed {
  const { seq = 0, leaf = "" } = seen ?? {};
  return {
    kind: "last_resort.reviewed",
    data: {
      person: "lead",
      verdict: "justified",
      use: KEY,
      id: "1",
      seen: [{ chain, seq, hash: sha256Hex(leaf) }],
      users: [],
      judged: { at: OVER, groups: ["payments-leads"] },
      ...change,
    },
    values: { comment: "it was so", body: "b" },
  };
}
const reviewed = (
  bodies: Reviewed[],
  {
    at = OVER,
    actor = LEAD,
    on = `REVIEW#${KEY}`,
  }: { at?: number; actor?: Actor; on?: string } = {},
): StoredEvent[] => put(on, bodies, { at, actor });
const wrong = (...events: StoredEvent[]): string[] =>
  verifyChains(events, { whole: true }).problems.map(({ what }) => what);

const uses = put(chain, [use(), use({ call: call({ cloudTrailId: "2" }), by: null, until: null })]);
const last = uses.at(-1);

describe("the review of a use of the last resort, in an export", () => {
  it("verifies with what it is of, dated or not, and a use without a review", () => {
    expect(wrong(...uses, ...reviewed([reviewOf(last)]))).toEqual([]);
    const old = put(chain, [undated()]);
    const key = { use: "call:1" };
    const late = { at: NOW + 90 * MINUTE, on: "REVIEW#call:1" };
    expect(wrong(...old, ...reviewed([reviewOf(old[0], key)], late))).toEqual([]);
    expect(wrong(...uses)).toEqual([]);
    expect(wrong(...old)).toEqual([]);
  });

  it("is nothing without a use: of none, of another, or of a call that came later", () => {
    const none = ["nothing is on record that it could be the review of"];
    expect(wrong(...reviewed([reviewOf(last)]))).toEqual(none);
    const other = { use: "ASIAEXAMPLEKEY000009" };
    const on = "REVIEW#ASIAEXAMPLEKEY000009";
    expect(wrong(...uses, ...reviewed([reviewOf(last, other)], { on }))).toEqual(none);
    const before = { seen: [{ chain, seq: 0, hash: "" }] };
    expect(wrong(...uses, ...reviewed([reviewOf(last, before)]))).toEqual(none);
  });

  it("is of what was seen, to the letter", () => {
    const not = ["what it says was seen is not what is on record"];
    const forged = { seen: [{ chain, seq: 2, hash: "0".repeat(64) }] };
    expect(wrong(...uses, ...reviewed([reviewOf(last, forged)]))).toEqual(not);
    const tomorrow = { seen: [{ chain, seq: 3, hash: sha256Hex(last?.leaf ?? "") }] };
    expect(wrong(...uses, ...reviewed([reviewOf(last, tomorrow)]))).toEqual(not);
  });

  it("is given once", () => {
    expect(wrong(...uses, ...reviewed([reviewOf(last), reviewOf(last)]))).toEqual([
      "it was reviewed already",
    ]);
  });

  it("is none of whoever used it, by what it says itself or by what AWS told", () => {
    const own = ["nobody reviews what they did themselves"];
    expect(wrong(...uses, ...reviewed([reviewOf(last, { users: ["lead"] })]))).toEqual(own);
    for (const of of [
      { call: call({ sessionName: "Lead" }) },
      { call: call({ sourceIdentity: "lead" }) },
      { by: "111122223333:AROAEXAMPLEADMIN00001:lead" },
    ]) {
      const mine = put(chain, [use(of)]);
      expect(wrong(...mine, ...reviewed([reviewOf(mine[0])]))).toEqual(own);
    }
  });

  it("is by the person whom it names", () => {
    const not = ["the one named is not who called"];
    const sre: Actor = { kind: "person", person: "sre", principal: "111122223333:AIDB" };
    expect(wrong(...uses, ...reviewed([reviewOf(last)], { actor: sre }))).toEqual(not);
    const bot: Actor = { kind: "program", program: "lead", principal: "111122223333:AIDB" };
    expect(wrong(...uses, ...reviewed([reviewOf(last)], { actor: bot }))).toEqual(not);
  });

  it("comes after it is over, and was decided before it was put on record", () => {
    const early = { at: OVER - 1 };
    const judged = { judged: { at: NOW, groups: [] } };
    expect(wrong(...uses, ...reviewed([reviewOf(last, judged)], early))).toEqual([
      "it was not over, and is reviewed afterwards",
    ]);
    expect(wrong(...uses, ...reviewed([reviewOf(last)], early))).toEqual([
      "it was put on record before it was decided",
    ]);
  });

  it("stands on the chain of its use, and nothing else does", () => {
    expect(wrong(...uses, ...reviewed([reviewOf(last)], { on: "REVIEW#call:1" }))).toEqual([
      "it is the review of another use",
    ]);
  });

  it("is owed within a week", () => {
    for (const reviewDueAt of [NOW, NOW + 8 * DAY]) {
      expect(wrong(...put(chain, [use({ reviewDueAt })]))).toEqual([
        "no review is owed within a week",
      ]);
    }
  });
});
