import { describe, expect, it } from "vitest";
import type { ExecCard } from "../../../core/card.ts";
import type { EventBody } from "../../../core/event-kinds.ts";
import { verifyChains } from "../../../core/verify-chains.ts";
import { NOW, permit, type Road, roadOf, rules, thrown } from "../../kit/build-request.ts";

type Intent = EventBody & { kind: "exec.intent" };

/** Approved by `lead`, put before approvers anew, and then approved by `sre`: with the intent of an opening. */
function approvedAnew(): { road: Road; intent: Intent } {
  const road = roadOf(rules([permit("one", "payments-leads:1")]));
  road.decide("lead");
  const { intent } = road.open();
  const { rules: under, card, digest = "" } = road.state();
  road.add(
    {
      kind: "request.recarded",
      data: { rules: under, automatic: [], fields: [] },
      values: { card: card as ExecCard, digest },
    },
    "sre",
  );
  const grant = { rule: "one", expiresAt: intent.data.expiresAt };
  road.add(
    { kind: "decision.approved", data: { person: "sre", groups: [], grant }, values: { digest } },
    "sre",
  );
  return { road, intent };
}

describe("an intent on record", () => {
  const naming = (approvals: string[]): Road => {
    const { road, intent } = approvedAnew();
    road.add({ ...intent, data: { ...intent.data, approvals } }, "dev", NOW);
    return road;
  };

  it("is read where it names who approved the card as it is", () => {
    const road = naming(["sre"]);
    expect(road.state().attempts).toHaveLength(1);
    expect(verifyChains(road.stored).problems).toEqual([]);
  });

  it.each([[["lead"]], [["sre", "lead"]]])(
    "is not, where it names one who approved the card before: %j",
    (approvals) => {
      const road = naming(approvals);
      expect(thrown(() => road.state()).code).toBe("record_corrupt");
      expect(verifyChains(road.stored).problems).toMatchObject([
        { seq: 5, what: expect.stringContaining("has not agreed") as string },
      ]);
    },
  );
});
