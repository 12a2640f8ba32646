import type { LockView } from "../api/response-schemas.ts";
import { type Shown, shown } from "./shown.ts";

/** `person dev, until 2026-11-24T10:20:00.000Z: laptop stolen` */
export function lockLine({ subject, reason, expiresAt }: LockView): Shown {
  const until = expiresAt === undefined ? shown`` : shown`, until ${expiresAt}`;
  return shown`${subject.kind} ${subject.id}${until}: ${reason}`;
}

/** Who can end it: two persons, and of those who may, one may have asked already. */
export function unlockLine({ mayUnlock, release, expiresAt }: LockView): Shown {
  if (release !== undefined) {
    const others = mayUnlock.filter((person) => person !== release.person);
    return shown`${release.person} has asked to unlock it; one of these ends it: ${list(others)}`;
  }
  if (mayUnlock.length >= 2) return shown`two of these unlock it: ${list(mayUnlock)}`;
  const who = shown`unlocking takes two persons, and only these may: ${list(mayUnlock)}`;
  return expiresAt === undefined
    ? shown`${who}; nobody can end it until the rules or the directory let others`
    : shown`${who}; it ends by itself`;
}

function list(persons: readonly string[]): string {
  return persons.length === 0 ? "nobody" : persons.join(", ");
}
