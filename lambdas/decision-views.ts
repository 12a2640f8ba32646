import type { RequestView } from "../api/response-schemas.ts";
import { lacking } from "../core/alternatives.ts";
import { isoTime } from "../core/clock.ts";
import type { Configuration, Rule } from "../core/policy-engine.ts";
import type { RequestState } from "../core/request-state.ts";

/** What persons decided, as the API shows it. */
export function decisionViews(decisions: RequestState["decisions"]): RequestView["decisions"] {
  return decisions.map((decision) => ({
    person: decision.person,
    decision: decision.decision,
    at: isoTime(decision.at),
    counts: decision.counts,
    ...(decision.maxMinutes === undefined ? {} : { maxMinutes: decision.maxMinutes }),
    ...(decision.comment === undefined ? {} : { comment: decision.comment }),
  }));
}

/** Rules with what each still lacks, and who could give it. */
export function ruleViews(
  rules: readonly Pick<Rule, "id" | "textHash" | "needs" | "denyAfter">[],
  state: Pick<RequestState, "decisions" | "requester">,
  directory: Configuration["directory"],
): RequestView["rules"] {
  return rules.map(({ id, textHash, needs, denyAfter }) => ({
    id,
    textHash,
    needs,
    lacks: lacking(state, needs, directory),
    automatic: needs.length === 0,
    ...(denyAfter === undefined ? {} : { denyAfter }),
  }));
}
