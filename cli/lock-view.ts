import type { LockView } from "../api/response-schemas.ts";
import { whoeverIsIn } from "../core/group-source.ts";
import { type Shown, shown } from "./shown.ts";

/** `person dev, until 2026-11-24T10:20:00.000Z: laptop stolen` */
export function lockLine({ subject, reason, expiresAt }: LockView): Shown {
  const until = expiresAt === undefined ? shown`` : shown`, until ${expiresAt}`;
  return shown`${subject.kind} ${subject.id}${until}: ${reason}`;
}

/** Until when a lock stands, by its clock alone. */
export function standsUntil({ expiresAt }: Pick<LockView, "expiresAt">): string {
  return expiresAt === undefined
    ? "it stands until it is unlocked"
    : `it stands until ${expiresAt}`;
}

/** How a lock ends before its time: by two persons, or where fewer may, by rules that let others. */
export function unlockText(
  lock: Pick<LockView, "mayUnlock" | "alsoMayUnlock" | "release" | "expiresAt">,
): string {
  const { mayUnlock, alsoMayUnlock, release } = lock;
  const also = whoeverIsIn(alsoMayUnlock?.groups ?? [], alsoMayUnlock?.by ?? []);
  // Whoever asked and may no more counts for nothing.
  const first = mayUnlock.find((person) => person === release?.person);
  const others = mayUnlock.filter((person) => person !== first);
  if (first !== undefined) {
    return others.length + also.length === 0
      ? `${first} has asked to unlock it, and nobody else may: ${wayOut(lock)}`
      : `${first} has asked to unlock it; one of these ends it: ${[...others, ...also].join(", ")}`;
  }
  if (others.length >= 2 || also.length > 0) {
    return `two of these unlock it: ${[...others, ...also].join(", ")}`;
  }
  const [one] = others;
  return one === undefined
    ? `nobody may unlock it: ${wayOut(lock)}`
    : `only ${one} may unlock it, and it takes two: ${wayOut(lock)}`;
}

/**
 * Rules are changed while somebody is locked: nobody is stopped for good by who happens to be let unlock. Who reads
 * it need not be who may change them, so that it is no line to be pasted.
 */
function wayOut({ expiresAt }: Pick<LockView, "expiresAt">): string {
  const otherwise =
    "another may once `policy activate` puts rules or a directory in force that let them lock";
  return expiresAt === undefined ? otherwise : `it ends at ${expiresAt}, and ${otherwise}`;
}
