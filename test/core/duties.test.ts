import { describe, expect, it } from "vitest";
import { SETTLE_MS, UNCLAIMED_MS } from "../../core/due.ts";
import { dutiesOf, type Standing } from "../../core/duties.ts";
import type { Attempt, RequestState } from "../../core/request-state.ts";
import { permit, roadOf, rules } from "../kit/build-request.ts";

/** A request that is approved, and stands as `attempt` says. */
function approved(attempt: Partial<Attempt> | undefined, more: Partial<RequestState> = {}) {
  const road = roadOf(rules([permit("one", "payments-leads:1")]));
  road.decide("lead");
  const state = road.state();
  const expiresAt = state.grant?.expiresAt ?? 0;
  const one: Attempt = {
    attempt: 1,
    state: "opened",
    rule: "one",
    taskArn: "",
    runtimeId: "",
    container: "app",
    at: state.askedAt,
    under: 1,
    resource: state.resource,
    expiresAt,
    notAfter: state.askedAt + 10_000,
    slot: "",
    sessionId: "s",
    delivered: true,
    ...attempt,
  };
  return { ...state, attempts: attempt === undefined ? [] : [one], ...more };
}

const arn = "arn:aws:ecs:us-east-1:111122223333";
const known: Standing = {
  groups: ["payments"],
  locks: [],
  activatedAt: 0,
  stay: () => ({ kind: "kept" }),
};
const expiry = approved({}).attempts[0]?.expiresAt ?? 0;
const kinds = (state: RequestState, now: number, standing = known) =>
  dutiesOf(state, standing, now).map((duty) =>
    duty.kind === "end" ? `end: ${duty.cause}` : duty.kind === "expire" ? duty.status : duty.kind,
  );

describe("the duties of a request", () => {
  it.each([
    ["a session in its time", approved({}), expiry - 1, ["look"]],
    ["a session whose time is over, to the millisecond", approved({}), expiry, ["end: expired"]],
    ["one that was withheld", approved({ delivered: false }), 0, ["end: withheld"]],
    ["one whose end was asked for", approved({ endAskedBy: "sre" }), 0, ["end: asked"]],
    ["one that was revoked", approved({}, { stage: "revoked" }), 0, ["end: revoked"]],
    [
      "one whose request was withdrawn",
      approved({}, { stage: "cancelled" }),
      0,
      ["end: cancelled"],
    ],
    [
      "one that nobody joined",
      approved({ isUnclaimed: true }),
      approved({}).askedAt,
      ["end: unclaimed"],
    ],
    ["one to be joined", approved({}), approved({}).askedAt + UNCLAIMED_MS - 1, []],
    [
      "one that should be joined by now",
      approved({}),
      approved({}).askedAt + UNCLAIMED_MS,
      ["look"],
    ],
    ["one that is over", approved({ state: "ended" }), expiry, ["closed"]],
    [
      "one that nobody joined, and that was to make room for another",
      approved({ isUnclaimed: true, replaceAskedAt: approved({}).askedAt }),
      approved({}).askedAt + SETTLE_MS,
      ["end: unclaimed"],
    ],
    [
      "one that is tried again later",
      approved({ unverified: { tries: 1, nextAt: expiry + 5 } }),
      expiry + 4,
      [],
    ],
    [
      "one that is tried again now",
      approved({ unverified: { tries: 1, nextAt: expiry + 5 } }),
      expiry + 5,
      ["end: expired"],
    ],
    ["an approval that nobody used", approved(undefined), expiry, ["lapsed"]],
    ["an approval that may still be used", approved(undefined), expiry - 1, []],
    ["an attempt that failed", approved({ state: "failed" }), expiry, ["lapsed"]],
    ["a request that is refused", approved(undefined, { stage: "refused" }), expiry, []],
  ] as const)("of %s", (_, state, now, wanted) => {
    expect(kinds(state, now)).toEqual(wanted);
  });

  it.each(["opening", "unknown"] as const)(
    "of an attempt that is %s are to settle it, once nothing of it can come any more",
    (state) => {
      const request = approved({ state });
      const at = request.askedAt;
      expect(kinds(request, at + SETTLE_MS - 1)).toEqual([]);
      expect(kinds(request, at + SETTLE_MS)).toEqual(["settle"]);
      // Its time is over, and what it started may not be.
      expect(kinds(request, expiry)).toEqual(["settle"]);
    },
  );

  it.each([
    ["their person", { kind: "person", id: "dev" }],
    ["a group of theirs", { kind: "group", id: "payments" }],
    ["its cluster", { kind: "cluster", id: `${arn}:cluster/demo` }],
    ["its service", { kind: "service", id: `${arn}:service/demo/payments-api` }],
    ["its task", { kind: "task", id: `${arn}:task/demo/t1` }],
  ] as const)("of a session are to end it while %s is locked", (_, subject) => {
    const lock = { id: "l", subject, by: "sre", at: 0, expiresAt: 5, release: null };
    const live = approved({ taskArn: `${arn}:task/demo/t1` });
    expect(kinds(live, 4, { ...known, locks: [lock] })).toEqual(["end: locked"]);
    expect(kinds(live, 5, { ...known, locks: [lock] })).toEqual([]);
  });

  it("of a session whose requester has lost the right are to end it, with what that was judged by", () => {
    const judged = { at: 3, groups: ["payments"] };
    const standing: Standing = { ...known, activatedAt: 2, stay: () => ({ kind: "lost", judged }) };
    expect(dutiesOf(approved({}), standing, 3)).toMatchObject([
      { kind: "end", cause: "right_lost", since: 2, judged },
    ]);
    // Of nothing that has another cause to end, or is over, is it asked.
    for (const state of [approved({ state: "ended" }), approved({}, { stage: "revoked" })]) {
      expect(kinds(state, 3, standing)).not.toContain("end: right_lost");
    }
  });

  it("of a session of which nobody can judge are none but what its locks say", () => {
    const unjudged: Standing = { ...known, stay: () => ({ kind: "unjudged" }) };
    expect(kinds(approved({}), 0, unjudged)).toEqual([]);
    const subject = { kind: "person", id: "dev" } as const;
    const lock = { id: "l", subject, by: "sre", at: 0, expiresAt: null, release: null };
    expect(kinds(approved({}), 0, { ...unjudged, locks: [lock] })).toEqual(["end: locked"]);
  });
});
