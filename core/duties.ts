import type { EpochMillis } from "./clock.ts";
import { SETTLE_MS, UNCLAIMED_MS } from "./due.ts";
import type { Judged } from "./kinds/judged.ts";
import type { EndCause } from "./kinds/swept.ts";
import { placeOf } from "./locked.ts";
import { type Lock, lockOn } from "./locks.ts";
import { type Attempt, goesOn, type RequestState, statusAt } from "./request-state.ts";
import { isVoided } from "./restored.ts";
import type { Stay } from "./right-to-stay.ts";

/** What has to be done about a request now, by its events and the clock. */
export type Duty =
  /** End the session of this attempt, and see that it is over. */
  | ({ kind: "end"; attempt: Attempt & { sessionId: string } } & Cause)
  /** Nobody knows what this attempt started: end whatever no event names, and free its use. */
  | { kind: "settle"; attempt: Attempt }
  /** See whether anybody has joined it. */
  | { kind: "look"; attempt: Attempt & { sessionId: string } }
  /** Put on record that its time is over. */
  | { kind: "expire"; status: "lapsed" | "closed" };

/** Why it has to end. */
interface Cause {
  cause: EndCause;
  /** Since when; the last event where that is not said. What was over before ended by itself. */
  since?: EpochMillis;
  /** Of `locked`. */
  lock?: Lock;
  /** Of `right_lost`. */
  judged?: Judged;
}

/** What a session's requester still has, by the set in force and the locks as they are now. */
export interface Standing {
  groups: readonly string[];
  locks: Lock[];
  /** Since when the set is in force. */
  activatedAt: EpochMillis;
  /** Asked only of what goes on and has no other cause to end. */
  stay(attempt: Attempt): Stay;
}

/**
 * The duties of a request, in the order they are to be done in: sessions first, for only what is over can be
 * closed. Empty where nothing is due. The same duties come again until an event says that they are done.
 */
export function dutiesOf(state: RequestState, standing: Standing, now: EpochMillis): Duty[] {
  const duties: Duty[] = [];
  const looks: Duty[] = [];
  for (const attempt of state.attempts) {
    const { sessionId } = attempt;
    const unknown = attempt.state === "opening" || attempt.state === "unknown";
    if (unknown && now >= attempt.at + SETTLE_MS) duties.push({ kind: "settle", attempt });
    if (attempt.state !== "opened" || sessionId === undefined) continue;
    const end = endOf(state, attempt, standing, now);
    if (end === undefined) {
      if (now >= attempt.at + UNCLAIMED_MS)
        looks.push({ kind: "look", attempt: { ...attempt, sessionId } });
      continue;
    }
    if (attempt.unverified !== undefined && now < attempt.unverified.nextAt) continue;
    duties.push({ kind: "end", attempt: { ...attempt, sessionId }, ...end });
  }
  if ((state.stage === "pending" || state.stage === "approved") && !goesOn(state)) {
    const status = statusAt(state, now);
    if (status === "lapsed" || status === "closed") duties.push({ kind: "expire", status });
  }
  return [...duties, ...looks];
}

/** To end all that may be running, at once: of a request of which nobody can tell what it still may. */
export function dutiesToEndAll({ attempts }: RequestState): Duty[] {
  return attempts.flatMap((attempt): Duty[] => {
    const { state, sessionId } = attempt;
    if (state === "opening" || state === "unknown") return [{ kind: "settle", attempt }];
    if (state !== "opened" || sessionId === undefined) return [];
    return [{ kind: "end", attempt: { ...attempt, sessionId }, cause: "right_lost" }];
  });
}

/** Why a session has to end now; undefined while it may go on. */
function endOf(
  state: RequestState,
  attempt: Attempt,
  standing: Standing,
  now: EpochMillis,
): Cause | undefined {
  const { stage } = state;
  if (attempt.delivered === false) return { cause: "withheld" };
  if (attempt.endAskedBy !== undefined) return { cause: "asked" };
  // Before what it was to make room for: nothing comes in the place of a session that nobody joined.
  if (attempt.isUnclaimed === true) return { cause: "unclaimed" };
  const { replaceAskedAt } = attempt;
  if (replaceAskedAt !== undefined && now >= replaceAskedAt + SETTLE_MS) {
    return { cause: "replaced" };
  }
  if (isVoided(state)) return { cause: "restored" };
  if (stage === "revoked" || stage === "cancelled") return { cause: stage };
  if (now >= attempt.expiresAt) return { cause: "expired", since: attempt.expiresAt };
  const stay = standing.stay(attempt);
  if (stay.kind === "lost") {
    return { cause: "right_lost", since: standing.activatedAt, judged: stay.judged };
  }
  const lock = lockOn(
    standing,
    {
      people: [{ id: state.requester.person, groups: standing.groups }],
      place: placeOf(state.resource, attempt.taskArn),
    },
    now,
  );
  return lock === undefined ? undefined : { cause: "locked", since: lock.at, lock };
}
