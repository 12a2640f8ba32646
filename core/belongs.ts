import { askedMisfit } from "./belongs/asked.ts";
import { brokenMisfit, reviewedMisfit } from "./belongs/broke.ts";
import { cardFits, first, isBy, judgedFits } from "./belongs/checks.ts";
import { decisionMisfit, recardMisfit } from "./belongs/decided.ts";
import { extensionDecisionMisfit, extensionMisfit } from "./belongs/extended.ts";
import { intentMisfit, openedMisfit, replaceMisfit } from "./belongs/opened.ts";
import { endMisfit, expiredMisfit, unclaimedMisfit } from "./belongs/swept.ts";
import type { Event, RequestEvent } from "./event.ts";
import { isOfRequest } from "./event-kinds.ts";
import type { RequestState } from "./request-state.ts";

/**
 * Why an event does not belong with the state it follows, or undefined where it does.
 *
 * Each family of events is written by one function's role, and whoever holds that role can put anything
 * under it that has the right form. So whatever is said twice must be said alike, here and wherever an
 * event is read: a card that shows one command beside another that would run, a decision in the name of
 * somebody who did not call, an intent for another container. Values that are not there are not compared.
 */
export function misfit(state: RequestState, event: Event): string | undefined {
  const judging = first([judgedFits(event)]);
  return isOfRequest(event) ? (judging ?? misfitOfKind(state, event)) : judging;
}

function misfitOfKind(state: RequestState, event: RequestEvent): string | undefined {
  switch (event.kind) {
    case "request.asked":
      return askedMisfit(event);
    case "glass.broken":
      return brokenMisfit(event);
    case "glass.reviewed":
      return reviewedMisfit(state, event);
    case "request.refused":
    case "activation.asked":
      return first([
        [isBy(event.actor, event.data.requester.person), "the requester is not who called"],
        event.kind === "activation.asked" && cardFits(event.values.card, event.values.digest),
      ]);
    case "request.recarded":
      return recardMisfit(state, event);
    case "decision.approved":
    case "decision.denied":
      return decisionMisfit(state, event);
    case "extension.asked":
      return extensionMisfit(state, event);
    case "extension.approved":
    case "extension.denied":
      return extensionDecisionMisfit(state, event);
    case "request.cancelled":
      return first([
        [isBy(event.actor, event.data.person), "the one named is not who called"],
        [event.data.person === state.requester.person, "another than the requester withdrew it"],
      ]);
    case "request.revoked":
      return first([[isBy(event.actor, event.data.person), "the one named is not who called"]]);
    case "exec.intent":
      return intentMisfit(state, event);
    case "replace.asked":
      return replaceMisfit(state, event);
    case "session.opened":
      return openedMisfit(state, event);
    case "session.unclaimed":
      return unclaimedMisfit(state, event);
    case "session.ended":
    case "end.unverified":
    case "end.asked":
      return endMisfit(state, event);
    case "request.expired":
      return expiredMisfit(state, event);
    case "exec.failed":
    case "exec.unknown":
    case "exec.settled":
      return undefined;
  }
}
