import type { Caller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { EventBody } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import type { LockTexts } from "./kinds/locks.ts";
import {
  type Lock,
  type LockSubject,
  type Locks,
  MOST_LOCKS,
  standing,
  textField,
} from "./locks.ts";

/** The texts of those that stand, as the next event carries them on. */
function textsOf(locks: readonly Lock[], { texts }: Pick<Locks, "texts">): LockTexts {
  return Object.fromEntries(
    locks.flatMap(({ id }) => {
      const text = texts[id];
      return text === undefined ? [] : [[textField(id), text]];
    }),
  );
}

export interface LockInput {
  id: string;
  subject: LockSubject;
  person: string;
  reason: string;
  /** Undefined where it is to stand until two persons unlock it. */
  durationMinutes: number | undefined;
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/** The event that locks something at `at`, which is not before the last one. Throws `too_many_locks`. */
export function setting(
  before: Locks,
  input: LockInput,
  at: EpochMillis,
): EventBody & { kind: "lock.set" } {
  const { id, subject, person, durationMinutes, reason, bodyHash, repeat } = input;
  const stand = standing(before.locks, at);
  if (stand.length >= MOST_LOCKS) {
    throw new SallyportError("too_many_locks", `${stand.length} locks stand, and no more fit`, {
      hint: "unlock what need not be locked, or lock a group or a cluster in place of many",
    });
  }
  const expiresAt = durationMinutes === undefined ? null : at + durationMinutes * 60_000;
  const lock: Lock = { id, subject, by: person, at, expiresAt, release: null };
  return {
    kind: "lock.set",
    data: { id, person, locks: [...stand, lock], ...(repeat === undefined ? {} : { repeat }) },
    values: { ...textsOf(stand, before), [textField(id)]: { reason, body: bodyHash } },
  };
}

export type Unlocking =
  | { kind: "append"; body: EventBody & { kind: "lock.release_asked" | "lock.released" } }
  /** The same person has asked for it already, and one person is not two. */
  | { kind: "repeated" };

/**
 * What a person's unlocking comes to: the first asks for it, and a second, who is somebody else, releases it.
 * `firstCounts` says whether whoever asked first still could: otherwise this person is the first.
 */
export function unlocking(
  before: Locks,
  lock: Lock,
  { id: person, groups, groupsFrom }: Pick<Caller, "id" | "groups" | "groupsFrom">,
  comment: string | undefined,
  firstCounts: boolean,
  at: EpochMillis,
): Unlocking {
  const first = firstCounts ? lock.release?.person : undefined;
  if (first === person) return { kind: "repeated" };
  const others = standing(before.locks, at).filter(({ id }) => id !== lock.id);
  const said = comment === undefined ? {} : { comment };
  if (first !== undefined) {
    return {
      kind: "append",
      body: {
        kind: "lock.released",
        data: { id: lock.id, person, first, locks: others },
        values: { ...textsOf(others, before), ...said },
      },
    };
  }
  const locks = standing(before.locks, at).map((one) =>
    one.id === lock.id
      ? { ...one, release: { person, at, ...(groupsFrom === undefined ? {} : { groups }) } }
      : one,
  );
  return {
    kind: "append",
    body: {
      kind: "lock.release_asked",
      data: { id: lock.id, person, locks },
      values: { ...textsOf(locks, before), ...said },
    },
  };
}
