import { type Caller, principalOfCaller } from "../../core/caller.ts";
import type { EpochMillis } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Event, readEvent } from "../../core/event.ts";
import { lockedBy } from "../../core/locked.ts";
import { LOCK, type Locks, lockOn } from "../../core/locks.ts";
import type { Activated } from "../activated.ts";
import type { Call } from "../call.ts";
import { identify } from "../identify.ts";
import type { DecidePorts } from "../ports.ts";

/** Whether the rules let somebody lock and unlock: a person, for programs neither stop nor free anybody. */
export function mayLock(ports: DecidePorts, configuration: Activated, caller: Caller): boolean {
  return (
    caller.kind === "person" &&
    ports.policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action: "lock",
      resource: { kind: "gateway" },
    }).kind === "permit"
  );
}

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
  if (!mayLock(ports, configuration, caller)) throw notALocker();
  return caller;
}

export function notALocker(): SallyportError {
  return new SallyportError("not_permitted", "no rule lets you lock or unlock");
}

/** Whoever is locked neither locks nor unlocks: what was stolen would lock out those who could stop it. */
export function requireNotLocked(
  ports: DecidePorts,
  configuration: Activated,
  locks: Locks,
  caller: Caller,
  now: EpochMillis,
): void {
  const lock = lockOn(locks, { people: [caller] }, now);
  if (lock !== undefined) throw lockedBy(ports.policy, configuration, locks, lock, now);
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
