import { type EpochMillis, utcDay } from "../clock.ts";
import type { EventBody, EventKind } from "../event-kinds.ts";
import type { SweptKinds } from "../kinds/swept.ts";
import type { CallOnRecord, WatchedKinds } from "../kinds/watched.ts";

/** The chain of what is found in one account on one UTC day. */
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

/** The index partition of all uses of the last resort, by event, each with its use. */
export const USES = watchedPartition("last-resort");

/** The index partition of the calls of one use of the last resort. */
export function usePartition(use: string): string {
  return watchedPartition(`use:${use}`);
}

/** `!` sorts before every character of an id. */
const ASSUMED = "!";

/** The sort key of a call there: AssumeRole, which alone says who, is found first, however many others were told of before. */
export function useKey(eventId: string, name: CallOnRecord["name"]): string {
  return name === "AssumeRole" ? `${ASSUMED}${eventId}` : eventId;
}

/** The event that such a key is of. */
export function eventOfUseKey(key: string): string {
  return key.startsWith(ASSUMED) ? key.slice(ASSUMED.length) : key;
}

/** What is found: by the watcher, and by the sweeper where it reads the stream. */
type Findings = WatchedKinds & Pick<SweptKinds, "item.touched">;

type KeysOf = {
  [K in keyof Findings]: (data: Findings[K]["data"]) => string[];
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
  // A prefix of its own: the sweeper may put this index, and none of the watcher's.
  "item.touched": ({ id }) => [`item:${id}`],
};

/**
 * What each finding is known by: put in the transaction that records it, and absent before. So whatever is delivered
 * twice is on record once, and of one attempt no two calls are on record as its own.
 */
export function watchKeys({ kind, data }: EventBody): string[] {
  if (!isFinding(kind)) return [];
  return (keysOf[kind] as (of: typeof data) => string[])(data);
}

function isFinding(kind: EventKind): kind is keyof Findings {
  return Object.hasOwn(keysOf, kind);
}
