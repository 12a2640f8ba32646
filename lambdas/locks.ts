import type { RecordReader } from "../core/event-store.ts";
import { LOCK, type Locks, locksOf } from "../core/locks.ts";

/**
 * All that is locked now, by the tip of one chain: whatever is decided on it is fenced on that tip. Throws
 * `record_corrupt`: what cannot be read stops everything.
 */
export async function loadLocks(events: RecordReader): Promise<Locks> {
  return locksOf(await events.tip(LOCK));
}
