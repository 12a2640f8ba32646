import { describe, expect, it } from "vitest";
import {
  reviewableFrom,
  type Use,
  type UsedEvent,
  type UseReview,
  usersOf,
  useStanding,
} from "../../core/last-resort-use.ts";
import { reviewLastResort, useReadRight } from "../../core/review-last-resort.ts";
import {
  callerOf,
  directoryWith,
  engine,
  MINUTE,
  NOW,
  permit,
  rules,
  thrown,
} from "../kit/build-request.ts";
import { assumed } from "../kit/last-resort.ts";

const DAY = 24 * 60 * MINUTE;
const event = (change: Partial<UsedEvent["data"]> = {}): UsedEvent =>
  ({
    kind: "last_resort.used",
    chain: "WATCH#111122223333#2026-11-24",
    seq: 1,
    at: NOW,
    values: {},
    data: {
      call: assumed,
      session: "ASIA",
      until: NOW + 15 * MINUTE,
      reviewDueAt: NOW + DAY,
      ...change,
    },
  }) as unknown as UsedEvent;
const use = (change: Partial<UsedEvent["data"]> = {}): Use => ({
  key: "ASIA",
  calls: [event(change)],
  review: undefined,
});
const under = rules([permit("one", "payments-leads:1")]);
const input = {
  verdict: "justified" as const,
  comment: "it was so",
  bodyHash: "b",
  repeat: undefined,
  id: "1",
  seen: [],
};
const OVER = NOW + 45 * MINUTE;
const reviewAs = (as: string, of = use(), now = OVER) =>
  reviewLastResort(engine, under, of, callerOf(as), input, now);

describe("the review of a use of the last resort", () => {
  it("is owed until its time, overdue from that very instant, and done once it is given", () => {
    const standing = (at: number) => useStanding(use(), at);
    expect([standing(NOW), standing(NOW + DAY - 1), standing(NOW + DAY)]).toEqual([
      "owed",
      "owed",
      "overdue",
    ]);
    const review = { at: OVER, data: { person: "lead" } } as UseReview;
    expect(useStanding({ ...use(), review }, NOW + 2 * DAY)).toBe("done");
    const { reviewDueAt: _, ...undated } = event().data;
    expect(useStanding({ ...use(), calls: [{ ...event(), data: undated }] }, NOW + 99 * DAY)).toBe(
      "owed",
    );
  });

  it("is given by a person who may approve at the gateway, and by nobody else", () => {
    expect(reviewAs("lead").data).toMatchObject({
      person: "lead",
      users: [],
      judged: { at: OVER, groups: ["payments-leads"] },
    });
    expect(thrown(() => reviewAs("stranger")).code).toBe("not_permitted");
    expect(thrown(() => reviewAs("bot")).code).toBe("not_permitted");
    // Whatever a rule would let it.
    const program = { ...callerOf("lead"), kind: "program" as const };
    const refused = thrown(() => reviewLastResort(engine, under, use(), program, input, OVER));
    expect([refused.code, refused.message]).toEqual(["not_permitted", "only persons review"]);
  });

  it("waits until half an hour after its credentials have ended, at the latest by their longest", () => {
    expect(thrown(() => reviewAs("lead", use(), OVER - 1)).code).toBe("review_not_owed");
    expect(reviewableFrom(use({ until: null }))).toBe(NOW + 90 * MINUTE);
    // Of all that AWS told of its credentials the latest end.
    const later = event({ until: NOW + 60 * MINUTE });
    expect(reviewableFrom({ calls: [event(), later] })).toBe(NOW + 90 * MINUTE);
  });

  it("is nobody's whom what AWS told of it names", () => {
    const { directory } = under;
    const lead = directory.persons.find(({ id }) => id === "lead")?.principals[0];
    if (lead === undefined || !("uniqueId" in lead)) throw new Error("lead has no user");
    const named: Partial<UsedEvent["data"]>[] = [
      { by: `${lead.account}:${lead.uniqueId}` },
      { call: { ...assumed, sessionName: "Lead" } },
      { call: { ...assumed, sourceIdentity: "lead" } },
    ];
    for (const change of named) {
      expect(usersOf(directory, use(change))).toEqual(["lead"]);
      expect(thrown(() => reviewAs("lead", use(change))).code).toBe("self_approval");
      expect(useReadRight(engine, under, use(change), callerOf("lead"))).toBe("own");
    }
    expect(reviewAs("sre", use(named[0])).data.users).toEqual(["lead"]);
  });

  it("is no owner's of the program that used it, and nobody's of those whose one principal it is", () => {
    const directory = directoryWith({});
    const principals = [{ account: "111122223333", uniqueId: "AIDASHARED" }];
    const shared = { kind: "person", name: "", groups: [], principals } as const;
    const program = {
      kind: "program",
      id: "robot",
      name: "",
      groups: [],
      owners: ["dev", "lead"],
      principals,
    } as const;
    const by = { by: "111122223333:AIDASHARED" };
    const persons = [
      { ...shared, groups: [], principals: [...principals], id: "ann" },
      { ...shared, groups: [], principals: [...principals], id: "bob" },
    ];
    expect(usersOf({ ...directory, persons, programs: [] }, use(by))).toEqual(["ann", "bob"]);
    const programs = [
      { ...program, groups: [], owners: [...program.owners], principals: [...principals] },
    ];
    expect(usersOf({ ...directory, programs }, use(by))).toEqual(["dev", "lead"]);
  });

  it("is shown to whoever may give it, to who used it and to auditors", () => {
    const right = (as: string) => useReadRight(engine, under, use(), callerOf(as));
    expect([right("lead"), right("stranger"), right("bot")]).toEqual([
      "approver",
      undefined,
      undefined,
    ]);
  });
});
