import { describe, expect, it } from "vitest";
import type { EventBody } from "../../core/event-kinds.ts";
import { readersOf, rightTo } from "../../core/may-read.ts";
import { review, reviewStanding } from "../../core/review.ts";
import { emergencies, glassState, openGlass, reviewed } from "../kit/break-glass.ts";
import {
  callerOf,
  engine,
  MINUTE,
  NOW,
  permit,
  roadOf,
  rules,
  thrown,
} from "../kit/build-request.ts";

const DAY = 24 * 60 * MINUTE;
const input = {
  verdict: "not_justified" as const,
  comment: "an ordinary ask would have done",
  bodyHash: "b",
  repeat: undefined,
};
const END = NOW + 30 * MINUTE;
const reviewAs = (as: string, state = glassState(), now = END) =>
  review(engine, emergencies, state, callerOf(as), input, now);

describe("a review", () => {
  it("is owed until its time is over, overdue from that very instant, and done once it is given", () => {
    const standing = (now: number) => reviewStanding({ breakGlass: glassState().breakGlass }, now);
    expect([standing(NOW), standing(NOW + DAY - 1), standing(NOW + DAY)]).toEqual([
      "owed",
      "owed",
      "overdue",
    ]);
    const { breakGlass } = glassState({ body: reviewed, as: "lead", at: NOW + 2 * DAY });
    expect(reviewStanding({ breakGlass }, NOW + 3 * DAY)).toBe("done");
    expect(breakGlass?.review).toEqual({
      person: "lead",
      verdict: "justified",
      at: NOW + 2 * DAY,
      comment: "the database was down",
    });
    expect(reviewStanding({ breakGlass: undefined }, NOW)).toBeUndefined();
  });

  it("is another person's to give, whom the rules let approve there", () => {
    expect(reviewAs("lead").data).toEqual({
      person: "lead",
      verdict: "not_justified",
      judged: { at: END, groups: ["payments-leads"] },
    });
    expect(thrown(() => reviewAs("sre")).code).toBe("self_approval");
    expect(thrown(() => reviewAs("stranger")).code).toBe("not_permitted");
    expect(thrown(() => reviewAs("bot")).code).toBe("not_permitted");
  });

  it("is given of what is over: by its time, its end or a revoke", () => {
    expect(thrown(() => reviewAs("lead", undefined, END - 1)).code).toBe("review_not_owed");
    const revoked: EventBody = { kind: "request.revoked", data: { person: "lead" }, values: {} };
    const stopped = glassState({ body: revoked, as: "lead" });
    expect(reviewAs("lead", stopped, NOW).data.person).toBe("lead");
    // What somebody started may still run: then neither its time nor a revoke makes it over.
    const { intent } = openGlass();
    const open = { body: intent, as: "sre" };
    expect(thrown(() => reviewAs("lead", glassState(open))).code).toBe("review_not_owed");
    const running = glassState(open, { body: revoked, as: "lead" });
    expect(thrown(() => reviewAs("lead", running)).code).toBe("review_not_owed");
  });

  it("is given once, and of nothing else", () => {
    const done = glassState({ body: reviewed, as: "lead", at: END });
    expect(thrown(() => reviewAs("dev", done)).code).toBe("review_not_owed");
    const ordinary = roadOf(rules([permit("one", "payments-leads:1")])).state();
    expect(thrown(() => reviewAs("lead", ordinary)).code).toBe("review_not_owed");
  });

  it("shows the request to whoever may give it, and to nobody else", () => {
    const right = (as: string, state = glassState()) =>
      rightTo(engine, emergencies, readersOf(state), callerOf(as));
    expect([right("sre"), right("lead"), right("dev"), right("stranger")]).toEqual([
      "own",
      "approver",
      "approver",
      undefined,
    ]);
    expect(readersOf(glassState({ body: reviewed, as: "lead", at: END })).deciders).toEqual([
      "lead",
    ]);
  });
});
