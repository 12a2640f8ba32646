import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import {
  type ChainTail,
  type Event,
  emptyTail,
  readEvent,
  type StoredEvent,
  tailAfter,
} from "./event.ts";
import type { LockText } from "./kinds/locks.ts";
import { isVoid, type RestoreFence } from "./restored.ts";

/** The chain of all locks. Each of its events carries every lock that stands after it: one tip is enough. */
export const LOCK = "LOCK";

export const lockKinds = ["person", "group", "task", "service", "cluster"] as const;

export interface LockSubject {
  kind: (typeof lockKinds)[number];
  /** A person's or program's id, a group's name, or an ARN that names its cluster. */
  id: string;
}

export interface Lock {
  id: string;
  subject: LockSubject;
  /** Who locked it, and when. */
  by: string;
  at: EpochMillis;
  /** When it ends by itself (epoch ms); null where it never does. */
  expiresAt: EpochMillis | null;
  /**
   * The first of the two persons who unlock it; with all groups they were in, where it is not the directory that says
   * so: nobody else's call brings them again.
   */
  release: { person: string; at: EpochMillis; groups?: string[] } | null;
}

/** So many may stand at once: with all that is on record of each, they fit into one event. */
export const MOST_LOCKS = 50;

export interface Locks {
  tail: ChainTail;
  /** As the last event has them; by the clock some may be over. */
  locks: Lock[];
  /** What was written of each, by its id. */
  texts: { [id: string]: LockText };
}

/**
 * All locks, by the last event of their chain, as they stand behind the fences: who asked to unlock one before a
 * restore is not the first of two any more. Throws `record_corrupt`.
 */
export function locksOf(tip: StoredEvent | undefined, fences: readonly RestoreFence[]): Locks {
  if (tip === undefined) return { tail: emptyTail(LOCK), locks: [], texts: {} };
  const event = readEvent(tip);
  const locks = locksAfter(event);
  if (!Array.isArray(locks)) {
    throw new SallyportError(
      "record_corrupt",
      `event ${LOCK} #${tip.seq} does not say what is locked`,
    );
  }
  const values = event.values as { [field: string]: LockText | undefined };
  const texts = locks.flatMap(({ id }) => {
    const text = values[textField(id)];
    return text === undefined ? [] : [[id, text] as const];
  });
  return {
    tail: tailAfter(emptyTail(LOCK), tip),
    locks: locksBehind(event, locks, fences),
    texts: Object.fromEntries(texts),
  };
}

/**
 * The locks that an event of the chain says stand, as whoever was under activation `seenFrom` knows them: behind a
 * fence they stand as before, and nobody has asked to unlock them. The next event says so on the chain itself.
 */
export function locksBehind(
  { configuration }: Pick<Event, "configuration">,
  locks: Lock[],
  fences: readonly RestoreFence[],
  seenFrom?: number,
): Lock[] {
  if (isVoid(configuration.seq, fences, seenFrom) === undefined) return locks;
  return locks.map((lock) => ({ ...lock, release: null }));
}

/** What an event of the chain says stands after it. */
export function locksAfter(event: Event): Lock[] | undefined {
  return "locks" in event.data && typeof event.data.locks === "object"
    ? event.data.locks
    : undefined;
}

/** The value under which a lock's text is on record. */
export function textField(id: string): `lock.${string}` {
  return `lock.${id}`;
}

/** Those that stand at an instant: one that has expired is none. */
export function standing(locks: readonly Lock[], at: EpochMillis): Lock[] {
  return locks.filter(({ expiresAt }) => expiresAt === null || at < expiresAt);
}

/** Who and what is part of something that a lock would stop. */
export interface Lockable {
  /** Everybody whose doing it is, with their groups as they are now. */
  people: readonly { id: string; groups: readonly string[] }[];
  /** Where; absent where nothing in AWS is meant. */
  place?: { clusterArn: string; service?: string; taskArn?: string } | undefined;
}

/** The first lock that stops it at that instant. */
export function lockOn(
  { locks }: Pick<Locks, "locks">,
  what: Lockable,
  at: EpochMillis,
): Lock | undefined {
  return standing(locks, at).find(({ subject }) => covers(subject, what));
}

export function covers({ kind, id }: LockSubject, { people, place }: Lockable): boolean {
  switch (kind) {
    case "person":
      return people.some((person) => person.id === id);
    case "group":
      return people.some(({ groups }) => groups.includes(id));
    case "cluster":
      return place?.clusterArn === id;
    case "service":
      return place?.service !== undefined && arnIn(place.clusterArn, kind, place.service) === id;
    case "task":
      return place?.taskArn !== undefined && arnIn(place.clusterArn, kind, place.taskArn) === id;
  }
}

/** The ARN of something in a cluster, in the generation that names the cluster: two spellings are one thing. */
export function arnIn(clusterArn: string, kind: "service" | "task", nameOrArn: string): string {
  const name = nameOrArn.split("/").at(-1) ?? "";
  return `${clusterArn.replace(/:cluster\//, `:${kind}/`)}/${name}`;
}

/**
 * Whether a person is the locked one: under that id, in that group, or as an owner of a program that is locked,
 * by its id or in that group. Such a person neither unlocks it nor counts among the two who do.
 */
export function isLockedOne(
  subject: LockSubject,
  person: Lockable["people"][number],
  programs: readonly (Lockable["people"][number] & { owners: readonly string[] })[],
): boolean {
  const own = programs.filter(({ owners }) => owners.includes(person.id));
  return covers(subject, { people: [person, ...own] });
}
