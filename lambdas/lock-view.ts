import type { LockView } from "../api/response-schemas.ts";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import { lockers, lockingGroups, unlockersElsewhere, unlockersOf } from "../core/locked.ts";
import { type Lock, type Locks, standing } from "../core/locks.ts";
import type { Activated } from "./activated.ts";
import type { CommonPorts } from "./ports.ts";

/** Locks as the API shows them, with who may unlock each. `texts` are given for some that stand no more. */
export function lockViews(
  ports: Pick<CommonPorts, "policy">,
  configuration: Activated,
  locks: Locks,
  shown: readonly Lock[],
  now: EpochMillis,
  texts: Locks["texts"] = locks.texts,
): LockView[] {
  if (shown.length === 0) return [];
  const persons = lockers(ports.policy, configuration, locks, now);
  const locking = lockingGroups(ports.policy, configuration);
  const elsewhere = (lock: Lock): Pick<LockView, "alsoMayUnlock"> => {
    const also = unlockersElsewhere(lock, locking, configuration.directory);
    return also === undefined ? {} : { alsoMayUnlock: also };
  };
  const stand = new Set(standing(locks.locks, now).map(({ id }) => id));
  return shown.map((lock) => ({
    id: lock.id,
    subject: lock.subject,
    reason: texts[lock.id]?.reason ?? "",
    by: lock.by,
    at: isoTime(lock.at),
    ...(lock.expiresAt === null ? {} : { expiresAt: isoTime(lock.expiresAt) }),
    stands: stand.has(lock.id),
    ...(lock.release === null
      ? {}
      : { release: { person: lock.release.person, at: isoTime(lock.release.at) } }),
    mayUnlock: unlockersOf(
      lock,
      // Whose groups the directory does not say may unlock for having asked.
      lock.release?.groups === undefined
        ? persons
        : lockers(ports.policy, configuration, locks, now, lock.release),
      configuration.directory,
    ),
    ...elsewhere(lock),
  }));
}
