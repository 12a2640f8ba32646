import type { RecordReader } from "../core/event-store.ts";
import { LOCK, type Locks, locksOf } from "../core/locks.ts";
import type { Fenced } from "../core/restored.ts";
import { type Activated, requireActivated } from "./activated.ts";

/**
 * All that is locked now, by the tip of one chain, behind the fences of the set it is looked at under: whatever is
 * decided on it is fenced on that tip. Throws `record_corrupt`: what cannot be read stops everything.
 */
export async function loadLocks(
  events: RecordReader,
  under: Fenced | Promise<Fenced> | Promise<Fenced | undefined>,
): Promise<Locks> {
  const [tip, set] = await Promise.all([events.tip(LOCK), under]);
  return locksOf(tip, set?.fences ?? []);
}

/** The set in force and all that is locked under it, read at once. Throws what `requireActivated` does, and `loadLocks`. */
export async function loadSetAndLocks(events: RecordReader): Promise<[Activated, Locks]> {
  const set = requireActivated(events);
  return await Promise.all([set, loadLocks(events, set)]);
}
