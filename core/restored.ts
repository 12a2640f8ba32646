import { type EpochMillis, isoTime } from "./clock.ts";
import { type Event, readEvent, type StoredEvent } from "./event.ts";
import { goesOn, type RequestState, statusAt } from "./request-state.ts";

/**
 * A table that was restored says again what its original has used up: a use that was taken is free, a revoke never
 * came. So a fence goes on CONF before anything else, and whatever was recorded under a lower number of that chain
 * gives nobody anything any more. `isVoid` is the one answer to whether something is.
 */
export interface RestoreFence {
  /** Its number on CONF. */
  seq: number;
  at: EpochMillis;
}

/** Whatever knows the fences of the record: the activated set does. */
export interface Fenced {
  fences: readonly RestoreFence[];
}

/** The outcome of a request that a fence voids. */
export const RESTORED = "restored";

/**
 * The fence that voids what was recorded under activation `under`, as whoever was under `seenFrom` knows it (by
 * default whoever knows all of them); undefined where it still holds.
 */
export function isVoid(
  under: number,
  fences: readonly RestoreFence[],
  seenFrom = Number.POSITIVE_INFINITY,
): RestoreFence | undefined {
  return fences.find(({ seq }) => under < seq && seq <= seenFrom);
}

/**
 * A request as it stands behind the fences: one that was pending or approved is revoked, by nobody, and what goes on
 * under it has to end. What was over by then stays what it was, and a review that is owed stays owed. Nobody can ask
 * it on: whoever still wants it asks anew.
 *
 * A fence is dated by the clock of whoever restores. What was over by that clock is over for good, whatever another
 * one says: a date ahead of the time voids as much as the right one does.
 */
export function behindFences(
  state: RequestState,
  fences: readonly RestoreFence[],
  seenFrom?: number,
): RequestState {
  if (state.stage !== "pending" && state.stage !== "approved") return state;
  const fence = isVoid(state.configuration.seq, fences, seenFrom);
  if (fence === undefined) return state;
  const status = statusAt(state, fence.at);
  if (status !== "pending" && status !== "approved" && !goesOn(state)) {
    return { ...state, stage: status };
  }
  const detail = `the record was restored from a backup at ${isoTime(fence.at)}`;
  return { ...state, stage: "revoked", outcome: { code: RESTORED, detail, at: fence.at } };
}

/** Whether a restore is what ended it: then the same may be asked anew at once, for nobody said no. */
export function isVoided({ stage, outcome }: Pick<RequestState, "stage" | "outcome">): boolean {
  return stage === "revoked" && outcome?.code === RESTORED && outcome.by === undefined;
}

/** The fences there are after an event of CONF: each carries all before it, so that the last one is enough. */
export function fencesAfter(event: Event): RestoreFence[] {
  if (event.kind === "restore.fence") {
    return [...event.data.fences, { seq: event.seq, at: event.at }];
  }
  return event.kind === "policy.activated" ? (event.data.fences ?? []) : [];
}

/** Every fence on events of CONF, as far as they can be read; whether they are sound is judged elsewhere. */
export function restoreFences(conf: readonly StoredEvent[]): RestoreFence[] {
  return conf.flatMap((stored) => {
    try {
      const event = readEvent(stored);
      return event.kind === "restore.fence" ? [{ seq: event.seq, at: event.at }] : [];
    } catch {
      return [];
    }
  });
}
