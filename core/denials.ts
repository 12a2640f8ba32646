import type { Need } from "./policy-engine.ts";
import type { Decision } from "./request-state.ts";

/**
 * How many different persons must deny before a request is denied: the fewest that any of its rules asks
 * for, so that adding an alternative never makes a no count for less. One, where no rule says more.
 */
export function denialsNeeded(rules: readonly { needs: Need[]; denyAfter?: number }[]): number {
  const asked = rules.filter(({ needs }) => needs.length > 0).map((rule) => rule.denyAfter ?? 1);
  return asked.length === 0 ? 1 : Math.min(...asked);
}

/** How many have denied the card as it now is. */
export function denials(decisions: readonly Pick<Decision, "decision" | "counts">[]): number {
  return decisions.filter(({ decision, counts }) => counts && decision === "deny").length;
}
