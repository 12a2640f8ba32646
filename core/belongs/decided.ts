import { cardRule } from "../alternatives.ts";
import { grantedMinutes } from "../granted-minutes.ts";
import type { RequestState } from "../request-state.ts";
import { beginsAt } from "../start-at.ts";
import { automaticFits, cardFits, first, groupsFit, type Of, same } from "./checks.ts";

export function recardMisfit(
  state: RequestState,
  { data, values }: Of<"request.recarded">,
): string | undefined {
  const { card, digest } = values;
  const exec = card?.kind === "exec" ? card : undefined;
  return first([
    [state.breakGlass === undefined, "nobody is asked about what was done in an emergency"],
    cardFits(card, digest),
    automaticFits(data.automatic, data.rules),
    exec !== undefined && [
      same(
        [exec.target, exec.requester, exec.rules],
        [state.target ?? null, state.requester, data.rules.map(cardRule)],
      ),
      "the card shows another target, requester or rule",
    ],
    exec !== undefined &&
      state.exec?.command !== undefined && [
        exec.command === state.exec.command,
        "the card shows another command",
      ],
  ]);
}

export function decisionMisfit(
  state: RequestState,
  event: Of<"decision.approved" | "decision.denied">,
): string | undefined {
  const { actor, at, data, values } = event;
  const grant = event.kind === "decision.approved" ? event.data.grant : null;
  const cap = event.kind === "decision.approved" ? event.data.maxMinutes : undefined;
  const rule = state.rules.find(({ id }) => id === grant?.rule);
  const needed = rule?.needs.reduce((sum, need) => sum + need.count, 0) ?? 0;
  const given = state.decisions.filter((d) => d.counts && d.decision === "approve").length + 1;
  return first([
    [actor.kind === "person" && actor.person === data.person, "the one named is not who called"],
    groupsFit(data),
    state.digest !== undefined &&
      values.digest !== undefined && [values.digest === state.digest, "it is of another card"],
    grant !== null && [rule !== undefined, "it grants by a rule that was not asked under"],
    grant !== null && [given >= needed, "it grants before so many have agreed"],
    grant !== null &&
      state.exec !== undefined && [
        grant.expiresAt <=
          beginsAt(at, state.exec.startAt) +
            grantedMinutes(state.exec.durationMinutes, state.decisions, cap) * 60_000,
        "the grant is longer than what was asked for and agreed to",
      ],
  ]);
}
