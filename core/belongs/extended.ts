import { cardRule } from "../alternatives.ts";
import { isoTime } from "../clock.ts";
import { pendingExtension } from "../extension.ts";
import { grantedMinutes } from "../granted-minutes.ts";
import { type RequestState, statusAt } from "../request-state.ts";
import { automaticFits, cardFits, first, groupsFit, isBy, type Of, same } from "./checks.ts";

export function extensionMisfit(
  state: RequestState,
  { actor, at, data, values }: Of<"extension.asked">,
): string | undefined {
  const { card, digest } = values;
  const of = state.card?.kind === "exec" ? state.card : undefined;
  const startsAt = state.grant?.startsAt ?? 0;
  return first([
    [isBy(actor, data.person), "the one named is not who called"],
    [data.person === state.requester.person, "another than the requester asks for it"],
    [state.breakGlass === undefined, "what was broken open is not extended"],
    [
      data.from === state.grant?.expiresAt && statusAt(state, at) === "approved",
      "it is not of a grant that lasts",
    ],
    [data.until === data.from + data.minutes * 60_000, "its end is not that of its minutes"],
    [
      data.rules.every((rule) => data.until - startsAt <= rule.maxDurationSeconds * 1_000),
      "it is longer than its rules allow",
    ],
    cardFits(card, digest),
    card !== undefined && [
      same(
        [card.requester, card.minutes, card.totalMinutes, card.from, card.until, card.rules],
        [
          state.requester,
          data.minutes,
          Math.ceil((data.until - startsAt) / 60_000),
          isoTime(data.from),
          isoTime(data.until),
          data.rules.map(cardRule),
        ],
      ),
      "the card shows another requester, time or rule",
    ],
    card !== undefined &&
      of !== undefined && [
        same(
          [card.command, card.argv, card.opensShell, card.target, card.ticket],
          [of.command, of.argv, of.opensShell, of.target, of.ticket],
        ),
        "the card shows something else than was approved",
      ],
    card !== undefined &&
      values.reason !== undefined && [
        card.reason === values.reason,
        "the card shows another reason",
      ],
    automaticFits(data.automatic, data.rules),
    data.grant !== null && [
      data.automatic.includes(data.grant.rule) && data.grant.expiresAt <= data.until,
      "it grants itself what no rule does",
    ],
  ]);
}

export function extensionDecisionMisfit(
  state: RequestState,
  event: Of<"extension.approved" | "extension.denied">,
): string | undefined {
  const { actor, at, data, values } = event;
  const extension = pendingExtension(state);
  const grant = event.kind === "extension.approved" ? event.data.grant : null;
  const cap = event.kind === "extension.approved" ? event.data.maxMinutes : undefined;
  if (extension === undefined || extension.number !== data.number) return "no such extension waits";
  const rule = extension.rules.find(({ id }) => id === grant?.rule);
  const needed = rule?.needs.reduce((sum, need) => sum + need.count, 0) ?? 0;
  const given = extension.decisions.filter(({ decision }) => decision === "approve").length + 1;
  const granted = grantedMinutes(extension.minutes, extension.decisions, cap);
  return first([
    [actor.kind === "person" && actor.person === data.person, "the one named is not who called"],
    groupsFit(data),
    extension.digest !== undefined &&
      values.digest !== undefined && [values.digest === extension.digest, "it is of another card"],
    grant !== null && [statusAt(state, at) === "approved", "it extends what is over"],
    grant !== null && [rule !== undefined, "it grants by a rule that was not asked under"],
    grant !== null && [given >= needed, "it grants before so many have agreed"],
    grant !== null && [
      grant.expiresAt <= extension.from + granted * 60_000,
      "it is longer than what was asked for and agreed to",
    ],
  ]);
}
