import { describe, expect, it } from "vitest";
import { canonicalJson, type Json } from "../../core/canonical-json.ts";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { attempt, permit, roadOf, rules } from "../kit/build-request.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

function history(): StoredEvent[] {
  const road = roadOf(rules([permit("both", "payments-leads:1, sre:1")]));
  road.decide("lead", { comment: "fine" });
  road.decide("sre");
  attempt(road, "opened");
  return road.stored;
}

const good = history();
const chain = good[0]?.chain ?? "";
const change = (seq: number, how: (event: StoredEvent) => Partial<StoredEvent>): StoredEvent[] =>
  good.map((event) => (event.seq === seq ? { ...event, ...how(event) } : event));
/** A leaf changed in one member and written canonically again. */
const releaf = (event: StoredEvent, member: string, value: Json): Partial<StoredEvent> => ({
  leaf: canonicalJson({ ...(JSON.parse(event.leaf) as { [k: string]: Json }), [member]: value }),
});
const openOf = (event: StoredEvent, what: "salt" | "value", text: string): Partial<StoredEvent> => {
  const [[field, old] = ["", { salt: "", value: "" }]] = Object.entries(event.open);
  return { open: { ...event.open, [field]: { ...old, [what]: text } } };
};

/** What was done, to which event, and the event at which it is noticed. */
const cases: [string, StoredEvent[], number][] = [
  ["another time in a leaf", change(2, (e) => releaf(e, "at", 1_900_000_000_000)), 3],
  ["another actor in a leaf", change(3, (e) => releaf(e, "actor", { kind: "person" })), 4],
  ["another kind in a leaf", change(2, (e) => releaf(e, "kind", "decision.denied")), 2],
  ["another commitment", change(2, (e) => releaf(e, "commits", {})), 2],
  ["another format", change(2, (e) => releaf(e, "v", 2)), 2],
  ["another predecessor", change(2, (e) => releaf(e, "prev", "0".repeat(64))), 2],
  ["another number in a leaf", change(2, (e) => releaf(e, "seq", 3)), 2],
  ["another chain in a leaf", change(2, (e) => releaf(e, "chain", "REQ#other")), 2],
  ["a space in a leaf", change(2, (e) => ({ leaf: e.leaf.replace("{", "{ ") })), 2],
  ["a leaf that is no JSON", change(2, (e) => ({ leaf: e.leaf.slice(1) })), 2],
  ["a missing event", good.filter((e) => e.seq !== 2), 3],
  ["a missing first event", good.slice(1), 2],
  ["an event twice", [...good, ...good.slice(2, 3)], 3],
  ["another place", change(2, () => ({ seq: 9 })), 3],
  [
    "two events that changed places",
    good.map((e) => ({ ...e, seq: e.seq === 2 ? 3 : e.seq === 3 ? 2 : e.seq })),
    2,
  ],
  ["a foreign family", change(2, () => ({ family: "asked" })), 2],
  ["another disclosed value", change(1, (e) => openOf(e, "value", '"other"')), 1],
  ["another salt", change(1, (e) => openOf(e, "salt", "0".repeat(32))), 1],
  [
    "a value nobody committed to",
    change(4, (e) => ({ open: { ...e.open, new: { salt: "0".repeat(32), value: "1" } } })),
    4,
  ],
];

describe("verifyChains", () => {
  it("finds nothing wrong with a history as it was written, in whatever order it is read", () => {
    const clean = { chains: 1, events: good.length, problems: [] };
    expect(good).toHaveLength(5);
    expect(verifyChains(good)).toEqual(clean);
    expect(verifyChains(good.toReversed())).toEqual(clean);
  });

  it("names a disclosed value that was taken away, for nothing is erased by this version", () => {
    const without = change(1, ({ open: { command, ...open } }) => {
      expect(command).toBeDefined();
      return { open };
    });
    expect(verifyChains(without).problems).toEqual([
      { chain, seq: 1, what: "the value command is missing" },
    ]);
  });

  it.each(cases)("names the chain and the event of %s", (_, events, seq) => {
    expect(verifyChains(events).problems).toMatchObject([{ chain, seq }]);
  });

  // One in seven characters each run, from another start: all of them take two seconds.
  it(`notices any one character of any leaf but the last's (seed ${seed})`, () => {
    for (const event of good.slice(0, -1)) {
      for (let i = seed % 7; i < event.leaf.length; i += 7) {
        const other = event.leaf[i] === "0" ? "1" : "0";
        const leaf = event.leaf.slice(0, i) + other + event.leaf.slice(i + 1);
        const { problems } = verifyChains(change(event.seq, () => ({ leaf })));
        expect(problems, `${event.seq} at ${i}`).toHaveLength(1);
      }
    }
  });

  it("names only the chain that is wrong", () => {
    const other = history().map((e) => ({ ...e, chain: "REQ#other" }));
    const found = verifyChains([...good, ...other]);
    expect(found.chains).toBe(2);
    expect(found.problems).toMatchObject([{ chain: "REQ#other", seq: 1 }]);
  });

  it("refuses a history that hashes well and is not legal", () => {
    const road = roadOf(rules([permit("one", "payments-leads:1")]));
    road.decide("lead", { decision: "deny" });
    road.add({ kind: "request.cancelled", data: { person: "dev" }, values: {} }, "dev");
    expect(verifyChains(road.stored).problems).toMatchObject([
      { seq: 3, what: expect.stringContaining("cannot follow while denied") },
    ]);
  });
});
