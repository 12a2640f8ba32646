import { type EpochMillis, utcDay } from "../clock.ts";
import type { EventBody, EventKind } from "../event-kinds.ts";
import type { WatchedKinds } from "../kinds/watched.ts";

/** The chain of what the watcher finds in one account on one UTC day. */
export function watchChain(account: string, at: EpochMillis): string {
  return `WATCH#${account}#${utcDay(at)}`;
}

/** The index partition by which a finding is known. */
export function watchedPartition(key: string): string {
  return `WATCHED#${key}`;
}

/** The key of a call, by CloudTrail's id of it. */
export function callKey(cloudTrailId: string): string {
  return `call:${cloudTrailId}`;
}

/** The key of a session that ExecuteCommand was seen to answer with. */
export function answerKey(sessionId: string): string {
  return `answer:${sessionId}`;
}

/** The key of the one call of an attempt. */
export function attemptKey(request: string, attempt: number): string {
  return `exec:${request}.${attempt}`;
}

type KeysOf = {
  [K in keyof WatchedKinds]: (data: WatchedKinds[K]["data"]) => string[];
};

const keysOf: KeysOf = {
  "call.matched": ({ call, request, attempt }) => [
    callKey(call.cloudTrailId),
    attemptKey(request, attempt),
    ...(call.sessionId === null ? [] : [answerKey(call.sessionId)]),
  ],
  "call.differed": ({ call }) => [callKey(call.cloudTrailId)],
  "last_resort.used": ({ call }) => [callKey(call.cloudTrailId)],
  "call.missing": ({ request, attempt }) => [`missing:${request}.${attempt}`],
  "session.unknown": ({ sessionId }) => [`session:${sessionId}`],
  "decision.unwitnessed": ({ eventId }) => [`event:${eventId}`],
  "record.touched": ({ id }) => [`touch:${id}`],
};

/**
 * What each finding is known by: put in the transaction that records it, and absent before. So whatever is delivered
 * twice is on record once, and of one attempt no two calls are on record as its own.
 */
export function watchKeys({ kind, data }: EventBody): string[] {
  if (!isWatched(kind)) return [];
  return (keysOf[kind] as (of: typeof data) => string[])(data);
}

function isWatched(kind: EventKind): kind is keyof WatchedKinds {
  return Object.hasOwn(keysOf, kind);
}
