import type { ExtensionCard } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import { denials, denialsNeeded } from "./denials.ts";
import type { Event } from "./event.ts";
import type { RuleOnRecord } from "./kinds/asked.ts";
import { type Decision, goesOn, type RequestState } from "./request-state.ts";

/** A wish for more time, and what became of it. */
export interface Extension {
  number: number;
  /** `superseded`: another was asked for in its place before it was decided. */
  stage: "pending" | "granted" | "denied" | "superseded";
  askedAt: EpochMillis;
  minutes: number;
  /** When the grant ends without it, and with all of it. */
  from: EpochMillis;
  until: EpochMillis;
  rules: RuleOnRecord[];
  decisions: Decision[];
  /** When the grant ends by it, once it is granted. */
  expiresAt?: EpochMillis;
  reason?: string;
  card?: ExtensionCard;
  digest?: string;
}

type Of<K extends Event["kind"]> = Extract<Event, { kind: K }>;

/** The one that waits for decisions; the clock may have overtaken it (`statusAt` of its request). */
export function pendingExtension(state: Pick<RequestState, "extensions">): Extension | undefined {
  const last = state.extensions.at(-1);
  return last?.stage === "pending" ? last : undefined;
}

/** The latest that a digest is of. */
export function extensionOf(
  state: Pick<RequestState, "extensions">,
  digest: string,
): Extension | undefined {
  return state.extensions.findLast((one) => one.digest === digest);
}

export function extensionAsked(state: RequestState, event: Of<"extension.asked">): RequestState {
  const { number, minutes, from, until, rules, grant } = event.data;
  const { reason, card, digest } = event.values;
  const asked: Extension = {
    number,
    stage: grant === null ? "pending" : "granted",
    askedAt: event.at,
    minutes,
    from,
    until,
    rules,
    decisions: [],
    ...(grant === null ? {} : { expiresAt: grant.expiresAt }),
    ...(reason === undefined ? {} : { reason }),
    ...(card === undefined ? {} : { card }),
    ...(digest === undefined ? {} : { digest }),
  };
  const next = { ...state, extensions: [...withoutPending(state), asked] };
  return grant === null ? next : withEnd(next, grant.expiresAt);
}

/** What was asked for, with the one that waits superseded. */
export function withoutPending({ extensions }: Pick<RequestState, "extensions">): Extension[] {
  return extensions.map((one) => (one.stage === "pending" ? { ...one, stage: "superseded" } : one));
}

export function extensionDecided(
  state: RequestState,
  event: Of<"extension.approved" | "extension.denied">,
  decision: Decision,
): RequestState {
  const grant = event.kind === "extension.approved" ? event.data.grant : null;
  const extensions = state.extensions.map((one): Extension => {
    if (one.number !== event.data.number) return one;
    const decisions = [...one.decisions, decision];
    if (grant !== null) return { ...one, decisions, stage: "granted", expiresAt: grant.expiresAt };
    const isDenied = denials(decisions) >= denialsNeeded(one.rules);
    return { ...one, decisions, stage: isDenied ? "denied" : one.stage };
  });
  const next = { ...state, extensions };
  return grant === null ? next : withEnd(next, grant.expiresAt);
}

/** The grant, and what goes on under it, end then. */
function withEnd(state: RequestState, expiresAt: EpochMillis): RequestState {
  return {
    ...state,
    ...(state.grant === undefined ? {} : { grant: { ...state.grant, expiresAt } }),
    attempts: state.attempts.map((attempt) =>
      goesOn({ ...state, attempts: [attempt] })
        ? { ...attempt, expiresAt, extendedFrom: attempt.extendedFrom ?? attempt.expiresAt }
        : attempt,
    ),
  };
}
