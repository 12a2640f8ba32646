import { describe, expect, it } from "vitest";
import { decide } from "../../core/decide.ts";
import {
  attempt,
  callerOf,
  directoryWith,
  engine,
  NOW,
  permit,
  roadOf,
  rules,
  thrown,
} from "../kit/build-request.ts";

const both = [permit("both", "payments-leads:1, sre:1")];

describe("decide", () => {
  it("grants once every group has agreed, for the asked time from the last approval", () => {
    const road = roadOf(rules(both));
    expect(road.decide("lead")).toMatchObject({ kind: "append", completes: false });
    expect(road.state().stage).toBe("pending");
    const done = road.decide("sre", {}, NOW + 5_000);
    expect(done).toMatchObject({ kind: "append", completes: true });
    expect(road.state().grant).toEqual({
      rule: "both",
      startsAt: NOW + 5_000,
      expiresAt: NOW + 5_000 + 30 * 60_000,
    });
    expect(road.state().stage).toBe("approved");
  });

  it("T29 refuses a requester's own approval under a second identity, with every group in hand", () => {
    const directory = directoryWith({ dev: ["payments", "payments-leads", "sre"] });
    const road = roadOf(rules(both, { directory }));
    const second = {
      ...callerOf("dev", directory),
      principal: "111122223333:AIDADEV2000000000002",
    };
    for (const decision of ["approve", "deny"] as const) {
      const error = thrown(() =>
        decide(engine, road.configuration, road.state(), second, road.decision({ decision }), NOW),
      );
      expect(error.code).toBe("self_approval");
    }
    expect(road.stored).toHaveLength(1);
  });

  it("refuses the owner of the program that asks", () => {
    const directory = directoryWith({ dev: ["payments-leads"] });
    const road = roadOf(rules([permit("one", "payments-leads:1")], { directory }), { as: "bot" });
    expect(thrown(() => road.decide("dev")).code).toBe("self_approval");
    expect(road.stored).toHaveLength(1);
    expect(road.decide("lead")).toMatchObject({ completes: true });
  });

  it("lets no program decide", () => {
    const road = roadOf(rules([permit("one", "bots:1")]));
    expect(thrown(() => road.decide("bot")).code).toBe("not_permitted");
  });

  it("T16 fills one place only with a person who is in both groups", () => {
    const directory = directoryWith({ lead: ["payments-leads", "sre"] });
    const road = roadOf(rules(both, { directory }));
    expect(road.decide("lead")).toMatchObject({ completes: false });
    expect(road.state().stage).toBe("pending");
    expect(road.decide("sre")).toMatchObject({ completes: true });
  });

  it("T22 knows a repeated approval and appends nothing, even after the grant", () => {
    const road = roadOf(rules(both));
    road.decide("lead");
    expect(road.decide("lead")).toEqual({ kind: "repeated" });
    road.decide("sre");
    expect(road.decide("sre")).toEqual({ kind: "repeated" });
    expect(road.stored).toHaveLength(3);
  });

  it("does not let a person change what they said on the same card", () => {
    const road = roadOf(rules(both));
    road.decide("lead");
    expect(thrown(() => road.decide("lead", { decision: "deny" })).code).toBe("request_closed");
  });

  it("closes on one deny of somebody who could have approved", () => {
    const road = roadOf(rules(both));
    road.decide("lead", { decision: "deny", comment: "no" });
    expect(road.state()).toMatchObject({
      stage: "denied",
      outcome: { code: "denied", detail: "no" },
    });
    expect(thrown(() => road.decide("sre")).code).toBe("request_closed");
  });

  describe("where a rule says that two must deny", () => {
    const directory = directoryWith({ lead2: ["payments-leads"] });
    const twoNoes = '@max_duration("1h") @deny_after("2")';
    const two = rules([permit("both", "payments-leads:1, sre:1", twoNoes)], { directory });

    it("stays open after the first no, and is denied by the second", () => {
      const road = roadOf(two);
      road.decide("lead", { decision: "deny" });
      expect(road.state()).toMatchObject({ stage: "pending" });
      expect(road.state().outcome).toBeUndefined();
      road.decide("lead2", { decision: "deny", comment: "nor I" });
      expect(road.state()).toMatchObject({
        stage: "denied",
        outcome: { by: "lead2", detail: "nor I" },
      });
    });

    it("says so on the card", () => {
      const card = roadOf(two).state().card;
      expect(card?.rules).toMatchObject([{ id: "both", denyAfter: 2 }]);
      const one = roadOf(rules(both)).state().card;
      expect(one?.rules[0] !== undefined && "denyAfter" in one.rules[0]).toBe(false);
    });

    it("grants by the others what one has denied", () => {
      const road = roadOf(two);
      road.decide("lead", { decision: "deny" });
      expect(road.decide("lead2")).toMatchObject({ completes: false });
      expect(road.decide("sre")).toMatchObject({ completes: true });
    });

    it("T22 takes no approval of somebody who has denied, and counts no second no of theirs", () => {
      const road = roadOf(two);
      road.decide("lead", { decision: "deny" });
      expect(thrown(() => road.decide("lead")).code).toBe("request_closed");
      expect(road.decide("lead", { decision: "deny" })).toEqual({ kind: "repeated" });
      expect(road.state()).toMatchObject({ stage: "pending", decisions: [{ person: "lead" }] });
    });

    it("counts a no only of somebody whose yes would count", () => {
      const road = roadOf(two);
      road.decide("lead", { decision: "deny" });
      expect(thrown(() => road.decide("auditor", { decision: "deny" })).code).toBe("not_permitted");
      expect(road.state().stage).toBe("pending");
    });

    it("takes one no where another rule of the request says no more", () => {
      const road = roadOf(
        rules([permit("a", "payments-leads:1", twoNoes), permit("b", "sre:1")], { directory }),
      );
      road.decide("lead", { decision: "deny" });
      expect(road.state().stage).toBe("denied");
    });

    it("counts no denial of an earlier card", () => {
      const road = roadOf(two);
      road.decide("lead", { decision: "deny" });
      road.configuration = rules(
        [permit("both", "payments-leads:1, sre:1", `${twoNoes} @request_ttl("1h")`)],
        { seq: 2, directory },
      );
      expect(road.decide("sre")).toMatchObject({ kind: "recard" });
      road.decide("lead2", { decision: "deny" });
      expect(road.state().stage).toBe("pending");
    });
  });

  describe("where a rule has an order", () => {
    const ordered = rules([permit("order", "payments-leads:1 then sre:1, payments:1")], {
      directory: directoryWith({ colleague: ["payments"], both: ["payments-leads", "sre"] }),
    });

    it("refuses an approval before its turn, says who comes first, and takes it afterwards", () => {
      const road = roadOf(ordered);
      const early = thrown(() => road.decide("sre"));
      expect(early).toMatchObject({
        code: "out_of_turn",
        members: {
          next: [{ group: "payments-leads", count: 1, step: 1, persons: ["both", "lead"] }],
        },
      });
      expect(road.stored).toHaveLength(1);
      road.decide("lead");
      expect(road.decide("colleague")).toMatchObject({ completes: false });
      expect(road.decide("sre")).toMatchObject({ completes: true });
    });

    it("takes a no before its turn", () => {
      const road = roadOf(ordered);
      road.decide("sre", { decision: "deny" });
      expect(road.state().stage).toBe("denied");
    });

    it("says it on the card", () => {
      expect(roadOf(ordered).state().card?.rules[0]?.needs).toEqual([
        { group: "payments-leads", count: 1, step: 1 },
        { group: "sre", count: 1, step: 2 },
        { group: "payments", count: 1, step: 2 },
      ]);
    });

    it("is not out of turn but out of place for who is in no later step", () => {
      const road = roadOf(ordered);
      road.decide("lead");
      expect(thrown(() => road.decide("auditor")).code).toBe("not_permitted");
      const two = roadOf(
        rules([permit("order", "payments-leads:1 then sre:1")], {
          directory: directoryWith({ lead2: ["payments-leads"] }),
        }),
      );
      two.decide("lead");
      expect(thrown(() => two.decide("lead2")).code).toBe("not_permitted");
    });

    it("opens only while those who agreed still count in their order", () => {
      const road = roadOf(rules([permit("order", "payments-leads:1 then sre:1")]));
      road.decide("lead");
      road.decide("sre");
      expect(road.open().rule).toBe("order");
      const directory = directoryWith({ lead: [], sre: ["sre", "payments-leads"] });
      road.configuration = rules([permit("order", "payments-leads:1 then sre:1")], {
        seq: 2,
        directory,
      });
      expect(thrown(() => road.open()).code).toBe("not_approved");
    });
  });

  it("refuses who has the right and fills no place, and who has a place and not the right", () => {
    const road = roadOf(rules([permit("one", "payments-leads:1")]));
    expect(thrown(() => road.decide("sre")).code).toBe("not_permitted");
    expect(thrown(() => road.decide("sre", { decision: "deny" })).code).toBe("not_permitted");
    const nobody = rules([permit("one", "payments-leads:1")], {
      approve: `@id("none") permit (principal, action == Sallyport::Action::"approve", resource) when { principal.groups.contains("sre") };`,
    });
    expect(thrown(() => roadOf(nobody).decide("lead")).code).toBe("not_permitted");
  });

  it("refuses a second of the same group where one is asked", () => {
    const directory = directoryWith({ lead: ["payments-leads"], lead2: ["payments-leads"] });
    const road = roadOf(rules(both, { directory }));
    road.decide("lead");
    expect(thrown(() => road.decide("lead2")).code).toBe("not_permitted");
  });

  it("refuses a digest that is not the card's, and tells the right one", () => {
    const road = roadOf(rules(both));
    const error = thrown(() => road.decide("lead", { digest: "0".repeat(64) }));
    expect(error).toMatchObject({
      code: "digest_stale",
      members: { digest: road.state().digest, fields: [] },
    });
  });

  it("decides until the millisecond before the request lapses", () => {
    const ttl = [permit("both", "payments-leads:1", '@max_duration("1h") @request_ttl("1h")')];
    const last = NOW + 3_600_000;
    expect(roadOf(rules(ttl)).decide("lead", {}, last - 1)).toMatchObject({ completes: true });
    for (const now of [last, last + 1]) {
      const road = roadOf(rules(ttl));
      expect(thrown(() => road.decide("lead", {}, now))).toMatchObject({
        code: "request_closed",
        members: { requestStatus: "lapsed" },
      });
      expect(road.stored).toHaveLength(1);
    }
  });

  it("lets the card stand when the activation moved and its rules did not", () => {
    const road = roadOf(rules(both));
    road.decide("lead");
    road.configuration = rules(
      [
        ...both,
        `@id("other") forbid (principal, action == Sallyport::Action::"exec", resource) when { context.argc == 31 };`,
      ],
      { seq: 2 },
    );
    expect(road.decide("sre")).toMatchObject({ kind: "append", completes: true });
  });

  it("makes a new card when a rule's text changed, and counts no earlier agreement on it", () => {
    const road = roadOf(rules(both));
    const before = road.state().digest;
    road.decide("lead");
    road.configuration = rules(
      [permit("both", "payments-leads:1, sre:1", '@max_duration("45m")')],
      { seq: 2 },
    );
    const moved = road.decide("sre");
    if (moved.kind !== "recard") throw new Error(moved.kind);
    expect(moved.error.code).toBe("digest_stale");
    expect(moved.error.details.members).toEqual({ digest: road.state().digest, fields: ["rules"] });
    expect(road.state().digest).not.toBe(before);
    expect(road.state()).toMatchObject({
      stage: "pending",
      decisions: [{ person: "lead", counts: false }],
    });
    expect(thrown(() => road.decide("sre", { digest: before ?? "" })).code).toBe("digest_stale");
    expect(road.decide("sre")).toMatchObject({ completes: false });
    expect(road.decide("lead")).toMatchObject({ completes: true });
  });

  it("T20 makes a new card for what is approved while its use is free, also after an attempt was settled", () => {
    for (const outcome of ["failed", "unknown"] as const) {
      const road = roadOf(rules([permit("one", "payments-leads:1")]));
      road.decide("lead");
      attempt(road, outcome);
      if (outcome === "unknown") {
        road.add({ kind: "exec.settled", data: { attempt: 1, ended: [] }, values: {} }, "dev");
      }
      road.configuration = rules([permit("one", "payments-leads:1, sre:1")], { seq: 2 });
      expect(thrown(() => road.open()).code).toBe("not_approved");
      expect(road.decide("sre").kind).toBe("recard");
    }
  });

  it("refuses an approval when no rule permits the wish any more, and takes a deny", () => {
    const road = roadOf(rules(both));
    road.configuration = rules([], { seq: 2 });
    expect(thrown(() => road.decide("lead")).code).toBe("refused_by_rule");
    road.decide("lead", { decision: "deny" });
    expect(road.state().stage).toBe("denied");
  });

  it("does not count somebody who has left the group since", () => {
    const road = roadOf(rules(both));
    road.decide("lead");
    const directory = directoryWith({ lead: [], lead2: ["payments-leads"] });
    road.configuration = rules(both, { seq: 2, directory });
    expect(road.decide("sre")).toMatchObject({ completes: false });
    expect(road.decide("lead2")).toMatchObject({ completes: true });
  });
});
