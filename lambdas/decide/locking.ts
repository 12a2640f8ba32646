import type { Caller } from "../../core/caller.ts";
import { type Event, readEvent } from "../../core/event.ts";
import { mayLock, notALocker } from "../../core/locking.ts";
import { LOCK, type Locks } from "../../core/locks.ts";
import type { Activated } from "../activated.ts";
import type { Call } from "../call.ts";
import { identify } from "../identify.ts";
import type { DecidePorts } from "../ports.ts";

/**
 * Who locks. Asked before anything is looked up, so that nobody else learns who and what there is to lock. Throws
 * `not_permitted`, `identity_unmapped`.
 */
export async function requireLocker(
  call: Call,
  ports: DecidePorts,
  configuration: Activated,
): Promise<Caller> {
  const caller = await identify(configuration, call.principal, ports);
  if (!mayLock(ports.policy, configuration, caller)) throw notALocker();
  return caller;
}

/** A repeat of a call comes soon: so many events back it is known again. */
const REMEMBERED = 200;

/** The last events of the chain, newest first. */
export async function recentLockEvents(
  ports: Pick<DecidePorts, "events">,
  { tail }: Locks,
): Promise<Event[]> {
  const stored = await ports.events.load(LOCK, Math.max(0, tail.seq - REMEMBERED));
  return stored.map(readEvent).toReversed();
}
