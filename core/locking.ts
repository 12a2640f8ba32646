import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import { unknownSubject } from "./lock-subject.ts";
import { lockedBy, lockers, unlockersOf } from "./locked.ts";
import { isLockedOne, type Lock, type Locks, lockOn } from "./locks.ts";
import { noRuleLets } from "./no-right.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { type LockInput, setting, unlocking } from "./unlock.ts";

/** Whether the rules let somebody lock and unlock: a person, for programs neither stop nor free anybody. */
export function mayLock(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
): boolean {
  return (
    caller.kind === "person" &&
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action: "lock",
      resource: { kind: "gateway" },
    }).kind === "permit"
  );
}

export function notALocker(): SallyportError {
  return noRuleLets("lock or unlock", "lock");
}

/**
 * Locks something at `at`, which is not before the last event: by a person whom the rules let, and who is not locked
 * themselves. Throws `not_permitted`, `locked`, `body_invalid` (of somebody the directory does not know) or
 * `too_many_locks`: nothing is to be appended then.
 */
export function setLock(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  caller: Caller,
  input: Omit<LockInput, "person">,
  at: EpochMillis,
): Judging & { kind: "lock.set" } {
  if (!mayLock(policy, configuration, caller)) throw notALocker();
  requireNotLocked(policy, configuration, locks, caller, at);
  const detail = unknownSubject(input.subject, configuration.directory);
  if (detail !== undefined) throw nothingToLock(detail);
  const body = setting(locks, { ...input, person: caller.id }, at);
  return { ...body, data: { ...body.data, judged: judgedBy(caller, at) } };
}

export type Released =
  | { kind: "append"; body: Judging & { kind: "lock.release_asked" | "lock.released" } }
  /** The same person has asked for it already. */
  | { kind: "repeated" };

/**
 * Unlocks what stands, by two different persons: neither is the one who is locked, nor locked otherwise, and whoever
 * asked first counts only while they still could. Throws `not_permitted` or `locked`: nothing is to be appended then.
 */
export function releaseLock(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  lock: Lock,
  caller: Caller,
  comment: string | undefined,
  at: EpochMillis,
): Released {
  const { directory } = configuration;
  if (!mayLock(policy, configuration, caller)) throw notALocker();
  if (isLockedOne(lock.subject, caller, directory.programs)) {
    throw new SallyportError("not_permitted", "nobody unlocks what they are locked by", {
      hint: "two others unlock it; `sallyport locks` says who may",
    });
  }
  requireNotLocked(policy, configuration, locks, caller, at);
  const first = lock.release?.person;
  // In the directory, let by the rules, and not locked since.
  const counts =
    first !== undefined &&
    unlockersOf(
      lock,
      lockers(policy, configuration, locks, at, lock.release ?? undefined),
      directory,
    ).includes(first);
  const next = unlocking(locks, lock, caller, comment, counts, at);
  if (next.kind === "repeated") return next;
  const judged = judgedBy(caller, at);
  // Of either kind; the compiler does not see that both are.
  return next.body.kind === "lock.released"
    ? { kind: "append", body: { ...next.body, data: { ...next.body.data, judged } } }
    : { kind: "append", body: { ...next.body, data: { ...next.body.data, judged } } };
}

/** Whoever is locked neither locks nor unlocks: what was stolen would lock out those who could stop it. */
export function requireNotLocked(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  caller: Caller,
  now: EpochMillis,
): void {
  const lock = lockOn(locks, { people: [caller] }, now);
  if (lock !== undefined) throw lockedBy(policy, configuration, locks, lock, now);
}

export function nothingToLock(detail: string): SallyportError {
  return new SallyportError("body_invalid", "there is nothing of that name to lock", {
    issues: [{ pointer: "/subject/id", detail }],
    hint: "nothing was locked",
  });
}
