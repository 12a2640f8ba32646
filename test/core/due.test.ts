import { describe, expect, it } from "vitest";
import { dueBy, duePartition, SETTLE_MS, UNCLAIMED_MS } from "../../core/due.ts";
import { readEvent } from "../../core/event.ts";
import { permit, roadOf, rules } from "../kit/build-request.ts";

const road = roadOf(rules([permit("one", "payments-leads:1")]));
road.decide("lead");
const [asked, approved] = road.stored.map(readEvent);
const { lapsesAt, grant } = road.state();

describe("what becomes due by an event", () => {
  it("is the end of a wait, and of a grant", () => {
    if (asked === undefined || approved === undefined) throw new Error("no events");
    expect(dueBy(asked)).toEqual([lapsesAt]);
    expect(dueBy(approved)).toEqual([grant?.expiresAt]);
  });

  it("is the end of a wait too of what approved itself: it waits again where the rules change", () => {
    const [alone] = roadOf(rules([permit("alone", "none")])).stored.map(readEvent);
    if (alone?.kind !== "request.asked") throw new Error("no ask");
    const { expiresAt, lapsesAt: last } = alone.data;
    expect(expiresAt).not.toBeNull();
    expect(dueBy(alone)).toEqual([expiresAt, last]);
  });

  it("is to settle an intent when nothing of it can come any more", () => {
    const intent = { ...approved, kind: "exec.intent", at: 5 } as Parameters<typeof dueBy>[0];
    expect(dueBy(intent)).toEqual([5 + SETTLE_MS]);
  });

  it.each(["request.revoked", "request.cancelled", "end.asked"])(
    "is to end at once by %s",
    (kind) => {
      expect(dueBy({ ...approved, kind, at: 7 } as Parameters<typeof dueBy>[0])).toEqual([7]);
    },
  );

  it("is the next try of an end that could not be seen", () => {
    const event = { ...approved, kind: "end.unverified", data: { nextAt: 9 } };
    expect(dueBy(event as Parameters<typeof dueBy>[0])).toEqual([9]);
  });

  it("is to look by when somebody should have joined a session, or at once where it was withheld", () => {
    const opened = (delivered: boolean) =>
      ({ ...approved, kind: "session.opened", at: 3, data: { delivered } }) as Parameters<
        typeof dueBy
      >[0];
    expect(dueBy(opened(true))).toEqual([3 + UNCLAIMED_MS]);
    expect(dueBy(opened(false))).toEqual([3]);
  });

  it("stands in the partition of its minute", () => {
    const at = Date.UTC(2026, 10, 24, 8, 20, 59, 999);
    expect(duePartition(at)).toBe("DUE#2026-11-24T08:20Z");
    expect(duePartition(at + 1)).toBe("DUE#2026-11-24T08:21Z");
  });
});
