import { agreements, execAlternatives } from "./alternatives.ts";
import { type Caller, principalOfCaller } from "./caller.ts";
import { type EpochMillis, isoTime } from "./clock.ts";
import { refusedByRule } from "./consider.ts";
import { whatBecame } from "./decided-elsewhere.ts";
import { breakingGlass } from "./emergency-rules.ts";
import { erased } from "./erased.ts";
import { SallyportError } from "./errors.ts";
import { lockableOf, requireUnlocked } from "./locked.ts";
import type { Locks } from "./locks.ts";
import type { Configuration, Facts, PolicyEngine, Resource, Rule } from "./policy-engine.ts";
import { tally } from "./quorum.ts";
import { type RequestState, statusAt } from "./request-state.ts";
import { notStarted } from "./start-at.ts";
import { requireRoom, usesTaken } from "./transitions.ts";

/**
 * Whether this caller may open this request at all, by the record alone: before anything is asked of AWS.
 * Throws `not_permitted`, `not_approved`, `not_started`, `request_closed`, `session_already_opened`
 * or `chain_full`.
 */
export function mayOpen(state: RequestState, caller: Caller, now: EpochMillis): void {
  if (state.kind !== "exec" || caller.id !== state.requester.person) {
    throw new SallyportError(
      "not_permitted",
      "only the requester opens what was approved for them",
      { hint: "to look into the same container, ask for a session of your own: `sallyport exec`" },
    );
  }
  const [taken] = usesTaken(state);
  if (taken !== undefined) throw alreadyOpened(state);
  requireRoom(state);
  const status = statusAt(state, now);
  if (status === "pending") throw notApproved(state);
  if (status !== "approved") {
    throw new SallyportError("request_closed", whatBecame(state, status), {
      hint: "ask again with `sallyport exec`",
      members: { requestStatus: status },
    });
  }
  if (state.grant !== undefined && now < state.grant.startsAt) {
    throw notStarted(state.grant.startsAt, now);
  }
}

/** The same, while neither the requester nor the target is locked: throws `locked` besides. */
export function mayOpenNow(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  locks: Locks,
  now: EpochMillis,
): void {
  mayOpen(state, caller, now);
  const what = lockableOf(state, configuration.directory);
  // With the groups of this very call, where no directory tells of them.
  const people = [...what.people, caller];
  requireUnlocked(policy, configuration, locks, { ...what, people }, now);
}

export interface RightToOpen {
  exec: NonNullable<RequestState["exec"]>;
  facts: Facts;
  /** The rule that is satisfied, and whose approvals satisfy it. */
  rule: Rule;
  approvals: string[];
  expiresAt: EpochMillis;
}

/**
 * The right to open by the rules as they are now, on what they judge as it is now: the approvals on record are
 * counted against the present rules, and an automatic approval holds only while the very rule that gave it is
 * still automatic. Which task it would be is not looked at, nor what `mayOpen` asks. Throws `refused_by_rule`,
 * `not_approved`, and `request_closed` where what was asked is erased.
 */
export function rightToOpen(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  resource: Resource,
): RightToOpen {
  const { exec, grant } = state;
  if (exec?.facts === undefined || exec.command === undefined || grant === undefined) {
    throw erased();
  }
  const { alternatives } = execAlternatives(
    state.breakGlass === undefined ? policy : breakingGlass(policy),
    configuration,
    { principal: principalOfCaller(caller), resource, facts: exec.facts },
    wholeMinutes(state),
  );
  if (alternatives.kind === "none")
    throw refusedByRule(alternatives.verdict.why, alternatives.verdict.rules);
  if (alternatives.kind === "too_long") {
    throw new SallyportError("refused_by_rule", "the rules no longer allow this for so long", {
      hint: `ask again, for ${alternatives.longestMinutes} minutes or less`,
    });
  }
  const given = agreements(state, configuration.directory);
  const byItself = state.breakGlass === undefined ? state.automatic : [state.breakGlass.rule];
  const rule = alternatives.rules.find(
    (candidate) =>
      pinKept(candidate, exec.target) &&
      (candidate.needs.length === 0
        ? byItself.includes(candidate.id)
        : tally(candidate.needs, given).lacks.length === 0),
  );
  if (rule === undefined && state.breakGlass !== undefined) {
    throw new SallyportError(
      "refused_by_rule",
      "the rules have changed, and no longer allow this",
      {
        hint: "`sallyport break-glass` once more, which the rules as they are now may let you; otherwise ask with `sallyport exec`",
      },
    );
  }
  if (rule === undefined) {
    throw new SallyportError(
      "not_approved",
      "the rules have changed, and the approvals given are not enough",
      {
        hint: `whoever approves next is shown the new card; \`sallyport show ${state.id}\` says who that may be`,
        retryAfterSeconds: 5,
      },
    );
  }
  return {
    exec,
    facts: exec.facts,
    rule,
    approvals: tally(rule.needs, given).counted,
    expiresAt: grant.expiresAt,
  };
}

/** How long the rules have to allow: with what was granted besides, all of it. */
function wholeMinutes({ exec, grant, extensions }: RequestState): number {
  const asked = exec?.durationMinutes ?? 0;
  const isLonger = extensions.some(({ stage }) => stage === "granted");
  if (grant === undefined || !isLonger) return asked;
  return Math.max(asked, Math.ceil((grant.expiresAt - grant.startsAt) / 60_000));
}

/** A rule that pins what the approved card does not pin was not approved. */
function pinKept(
  rule: Rule,
  target: { pinnedRevision: string | null; pinnedImage: string | null },
): boolean {
  if (rule.pin === "revision") return target.pinnedRevision !== null;
  if (rule.pin === "image") return target.pinnedImage !== null;
  return true;
}

export function notApproved(state: RequestState): SallyportError {
  return new SallyportError("not_approved", "the request waits for decisions", {
    hint: `it lapses at ${isoTime(state.lapsesAt)}; \`sallyport show ${state.id}\` says who can approve`,
    retryAfterSeconds: 5,
  });
}

/** The one use is taken: by a session, by an open under way, or by one whose outcome nobody knows. */
export function alreadyOpened(state: RequestState): SallyportError {
  const taken = usesTaken(state).at(-1);
  const members = {
    attempt: taken?.attempt,
    state: taken?.state,
    ...(taken?.sessionId === undefined ? {} : { sessionId: taken.sessionId }),
  };
  if (taken?.state === "unknown") {
    return new SallyportError(
      "outcome_unknown",
      "an earlier open may have started the command; its use is held until that is ended",
      {
        hint: "open again in two minutes: by then what it may have started was found and ended",
        members,
      },
    );
  }
  return new SallyportError(
    "session_already_opened",
    "this approval was for one session, and it is taken",
    {
      hint: `ask again with \`sallyport exec\`; a shell that was lost is opened anew, once, with \`sallyport attach ${state.id} --replace\``,
      members,
    },
  );
}
