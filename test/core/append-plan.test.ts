import { describe, expect, it } from "vitest";
import { dayPartition, eventKey, MAX_ENTRIES, planAppend } from "../../core/append-plan.ts";
import { permit, roadOf, rules } from "../kit/build-request.ts";

const road = roadOf(rules([permit("one", "payments-leads:1")]));
road.decide("lead");
const [one, two] = road.stored;
if (one === undefined || two === undefined) throw new Error("no events");
const { chain } = one;

describe("planAppend", () => {
  it("puts each event with its index item, and checks the next key of each fenced chain", () => {
    const writes = planAppend(
      [one, two],
      [
        { chain: "CONF", seq: 4 },
        { chain: "CONF", seq: 4 },
      ],
    );
    expect(writes.map((w) => [w.kind, w.pk.split("#")[0], w.sk])).toEqual([
      ["put-event", "REQ", "E#000001"],
      ["put-index", "DAY", expect.any(String)],
      ["put-index", "DUE", expect.any(String)],
      ["put-event", "REQ", "E#000002"],
      ["put-index", "DAY", expect.any(String)],
      ["put-index", "DUE", expect.any(String)],
      ["check-absent", "CONF", "E#000005"],
    ]);
  });

  it("drops a fence that the event itself implies", () => {
    expect(planAppend([two], [{ chain, seq: 1 }]).map((w) => w.kind)).toEqual([
      "put-event",
      "put-index",
      "put-index",
    ]);
  });

  it("refuses what no caller may make", () => {
    const fence = { chain: "CONF", seq: 0 };
    expect(() => planAppend([], [fence])).toThrow(TypeError);
    expect(() => planAppend([two, one], [])).toThrow("a gap");
    expect(() => planAppend([one, one], [])).toThrow("a gap");
    expect(() => planAppend([two], [{ chain, seq: 0 }])).toThrow("two readings");
    expect(() => planAppend([one], [fence, { ...fence, seq: 1 }])).toThrow("two readings");
    const many = Array.from({ length: MAX_ENTRIES }, (_, i) => ({ chain: `REQ#${i}`, seq: 0 }));
    expect(() => planAppend([one], many)).toThrow("40");
    expect(planAppend([one], many.slice(1))).toHaveLength(MAX_ENTRIES + 2);
  });

  it("names keys that sort by number, and spreads a day over four partitions", () => {
    expect([eventKey(10), eventKey(9), eventKey(1_000)].toSorted()).toEqual([
      eventKey(9),
      eventKey(10),
      eventKey(1_000),
    ]);
    const days = Array.from({ length: 64 }, (_, i) => dayPartition("2026-11-24", `e${i}`));
    expect(new Set(days).size).toBe(4);
  });
});
