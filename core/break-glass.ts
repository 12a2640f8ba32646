import { ruleOnRecord } from "./alternatives.ts";
import { judgedAsk, wishedValues } from "./ask.ts";
import type { Caller } from "./caller.ts";
import { cardDigest } from "./card.ts";
import { type EpochMillis, isoTime, MS_PER_DAY, startOfDay, utcDay } from "./clock.ts";
import { consider, preflightFailed, type Seen, type Site, seenOf, type Wish } from "./consider.ts";
import { isForEmergencies } from "./emergency-rules.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { blocking } from "./preflight.ts";

/** The line that is logged each time: the metric `BreakGlass` counts it. */
export const GLASS_BROKEN = "the glass was broken";

/**
 * Decides whether this person may break the glass there now, and makes the event that grants it and owes a
 * review of it. `spent` is how often they have done so on this UTC day. `policy` is that of `breakingGlass`.
 *
 * Throws `refused_by_rule`, `preflight_failed` or `break_glass_limit`: nothing is to be appended then.
 */
export function breakGlass(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  site: Site,
  wish: Wish,
  spent: number,
  now: EpochMillis,
): Judging & { kind: "glass.broken" } {
  return breakGlassSeen(policy, configuration, caller, seenOf(site), wish, spent, now);
}

/** The same by what was seen of the target, as the record keeps it. */
export function breakGlassSeen(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  seen: Seen,
  wish: Wish,
  spent: number,
  now: EpochMillis,
): Judging & { kind: "glass.broken" } {
  const considered = consider(policy, configuration, caller, seen, wish);
  if (considered.kind === "refused") {
    const { error, rules } = considered;
    throw error.code === "refused_by_rule" && rules.length === 0 ? noEmergency() : error;
  }
  const { rules, card, findings } = considered;
  const red = blocking(findings);
  if (red.length > 0) throw preflightFailed(red);
  const rule = rules
    .filter(isForEmergencies)
    .find(({ breakGlass: terms }) => spent < terms.maxPerDay);
  if (rule === undefined) throw tooOften(spent, now);
  return {
    kind: "glass.broken",
    data: {
      requester: card.requester,
      place: seen.place,
      resource: seen.resource,
      target: card.target,
      durationMinutes: card.durationMinutes,
      rules: rules.map(ruleOnRecord),
      rule: rule.id,
      expiresAt: now + card.durationMinutes * 60_000,
      reviewDueAt: now + rule.breakGlass.reviewWithinSeconds * 1_000,
      day: utcDay(now),
      count: spent + 1,
      limit: rule.breakGlass.maxPerDay,
      preflight: findings,
      transcript: card.transcript,
      judged: judgedAsk(caller, seen, wish, now),
      ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
    },
    values: { ...wishedValues(wish), card, digest: cardDigest(card) },
  };
}

/** No rule speaks of it: neither of what is forbidden nor of how long it may take. */
function noEmergency(): SallyportError {
  return new SallyportError("refused_by_rule", "no rule lets you break the glass for this there", {
    hint: `nothing was done: ask for it with \`sallyport exec\`, or have it done by ${OTHERS}`,
    members: { rules: [] },
  });
}

function tooOften(spent: number, now: EpochMillis): SallyportError {
  const tomorrow = isoTime(startOfDay(now) + MS_PER_DAY);
  return new SallyportError(
    "break_glass_limit",
    `you have broken the glass ${spent} times today (UTC), and may not once more`,
    {
      hint: `ask for it with \`sallyport exec\`, or have it done by ${OTHERS}; from ${tomorrow} on you may again`,
    },
  );
}

/** Who they are is in rules and directory, which whoever may audit can read. */
const OTHERS =
  "somebody who may break the glass there: an auditor finds out who with `sallyport policy who`";
