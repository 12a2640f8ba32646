import { describe, expect, it } from "vitest";
import type { EventBody } from "../../../core/event-kinds.ts";
import { verifyChains } from "../../../core/verify-chains.ts";
import { MINUTE, NOW, permit, type Road, roadOf, rules, thrown } from "../../kit/build-request.ts";

const both = rules([
  permit("both", "payments-leads:1, sre:1", '@max_duration("1h") @deny_after("2")'),
]);

/** What somebody with the role of the function that decides could append: an approval that grants. */
function granting(road: Road, person: "lead" | "sre"): EventBody {
  return {
    kind: "decision.approved",
    data: { person, groups: [], grant: { rule: "both", expiresAt: NOW + MINUTE } },
    values: { digest: road.state().digest ?? "" },
  };
}

describe("a grant on record", () => {
  it("is read where as many have approved as its rule needs", () => {
    const road = roadOf(both);
    road.decide("lead");
    road.add(granting(road, "sre"), "sre");
    expect(road.state().stage).toBe("approved");
  });

  it("is not, where one of them has denied", () => {
    const road = roadOf(both);
    road.decide("lead", { decision: "deny" });
    expect(road.state().stage).toBe("pending");
    road.add(granting(road, "sre"), "sre");
    expect(thrown(() => road.state()).code).toBe("record_corrupt");
    expect(verifyChains(road.stored).problems).toMatchObject([
      { seq: 3, what: expect.stringContaining("before so many have agreed") as string },
    ]);
  });
});

describe("a decision on record", () => {
  const decided = (groups: string[]): Road => {
    const road = roadOf(both);
    road.decide("lead");
    const body: EventBody = {
      kind: "decision.approved",
      data: { person: "sre", groups: ["sre"], grant: null, judged: { at: NOW, groups } },
      values: { digest: road.state().digest ?? "" },
    };
    road.add(body, "sre");
    return road;
  };

  it("counts for groups that its person was in, and is not read for another", () => {
    expect(decided(["payments-leads", "sre"]).state().decisions).toHaveLength(2);
    expect(thrown(() => decided(["payments-leads"]).state()).code).toBe("record_corrupt");
  });
});
