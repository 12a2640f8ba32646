import { ruleOnRecord } from "./alternatives.ts";
import { type Caller, judgedBy } from "./caller.ts";
import { type CardTarget, cardDigest } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import { consider, preflightFailed, type Seen, type Site, seenOf, type Wish } from "./consider.ts";
import type { SallyportError } from "./errors.ts";
import type { EventBody } from "./event-kinds.ts";
import type { JudgedAsk } from "./kinds/judged.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { blocking } from "./preflight.ts";
import { beginsAt } from "./start-at.ts";

export type Asked =
  | { kind: "asked"; body: EventBody & { kind: "request.asked" } }
  /** On record all the same, and then told to the caller as this error. */
  | { kind: "refused"; body: EventBody & { kind: "request.refused" }; error: SallyportError };

/**
 * Decides whether a request may be asked at all, and makes its card. Nothing is asked of anybody that the
 * rules do not permit or that ECS Exec could not do.
 */
export function ask(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  site: Site,
  wish: Wish,
  now: EpochMillis,
): Asked {
  return askSeen(policy, configuration, caller, seenOf(site), wish, now);
}

/** The same by what was seen of the target, as the record keeps it. */
export function askSeen(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  seen: Seen,
  wish: Wish,
  now: EpochMillis,
): Asked {
  const requester = { person: caller.id, name: caller.name };
  const considered = consider(policy, configuration, caller, seen, wish);
  const judged = judgedAsk(caller, seen, wish, now);
  const { findings } = considered;

  const refuse = (error: SallyportError, target: CardTarget, rules: string[]): Asked => ({
    kind: "refused",
    error,
    body: {
      kind: "request.refused",
      data: {
        requester,
        resource: seen.resource,
        target,
        code: error.code,
        rules,
        preflight: findings,
        judged,
        ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
      },
      values: { ...wishedValues(wish), detail: error.message },
    },
  });

  if (considered.kind === "refused")
    return refuse(considered.error, considered.target, considered.rules);
  const { rules, card } = considered;
  const red = blocking(findings);
  if (red.length > 0)
    return refuse(
      preflightFailed(red),
      card.target,
      rules.map((rule) => rule.id),
    );

  const automatic = rules.filter((rule) => rule.needs.length === 0).map((rule) => rule.id);
  return {
    kind: "asked",
    body: {
      kind: "request.asked",
      data: {
        requester,
        place: seen.place,
        resource: seen.resource,
        target: card.target,
        durationMinutes: card.durationMinutes,
        ...(wish.startAt === undefined ? {} : { startAt: wish.startAt }),
        // Where rules differ, the shortest wait: a request never outlives what one of them allows.
        lapsesAt: now + Math.min(...rules.map((rule) => rule.requestTtlSeconds)) * 1_000,
        rules: rules.map(ruleOnRecord),
        automatic,
        expiresAt:
          automatic.length > 0 ? beginsAt(now, wish.startAt) + card.durationMinutes * 60_000 : null,
        preflight: findings,
        transcript: card.transcript,
        judged,
        ...(wish.repeat === undefined ? {} : { repeat: wish.repeat }),
      },
      values: { ...wishedValues(wish), card, digest: cardDigest(card) },
    },
  };
}

/** By what a wish is judged, besides what the record says of it otherwise. */
export function judgedAsk(
  caller: Caller,
  { revision, image }: Seen,
  { durationMinutes }: Wish,
  now: EpochMillis,
): JudgedAsk {
  return { ...judgedBy(caller, now), wished: durationMinutes ?? null, revision, image };
}

/** What somebody wished for, as the record commits to it. */
export function wishedValues({ command, argv, facts, reason, ticket, bodyHash: body }: Wish) {
  return { command, argv, facts, reason, ...(ticket === undefined ? {} : { ticket }), body };
}
