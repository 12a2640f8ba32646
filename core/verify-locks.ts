import { first, isBy, judgedFits, same } from "./belongs/checks.ts";
import type { Event } from "./event.ts";
import { LOCK, type Lock, lockOn, locksBehind, standing, textField } from "./locks.ts";
import type { RestoreFence } from "./restored.ts";

/** What stood after an event, and the commitments to what was written of each. */
interface Before {
  locks: Lock[];
  commits: Event["commits"];
}

/** The first event of the chain LOCK that does not follow from those before it, and why. */
export function lockChainProblem(
  events: readonly Event[],
  fences: readonly RestoreFence[],
): { seq: number; what: string } | undefined {
  let before: Event | undefined;
  for (const event of events) {
    const what = misfit(stoodAt(event, before, fences), event);
    if (what !== undefined) return { seq: event.seq, what };
    before = event;
  }
  return undefined;
}

/** What the event before it says, as whoever appended this one knew it. */
function stoodAt(event: Event, before: Event | undefined, fences: readonly RestoreFence[]): Before {
  if (before === undefined) return { locks: [], commits: {} };
  const locks = locksBehind(before, carried(before), fences, event.configuration.seq);
  return { locks, commits: before.commits };
}

function carried(event: Event): Lock[] {
  return "locks" in event.data && typeof event.data.locks === "object" ? event.data.locks : [];
}

function misfit(before: Before, event: Event): string | undefined {
  const { kind, at, actor } = event;
  if (kind !== "lock.set" && kind !== "lock.release_asked" && kind !== "lock.released")
    return `${kind} says nothing of what is locked`;
  const { id, person } = event.data;
  const judging = first([judgedFits(event)]);
  if (judging !== undefined) return judging;
  if (!isBy(actor, person)) return "the one named is not who called";
  const stand = standing(before.locks, at);
  const its = stand.find((lock) => lock.id === id);
  const wanted = kind === "lock.set" ? setAfter(stand, event) : releasedAfter(stand, its, event);
  if (typeof wanted === "string") return wanted;
  if (!same(event.data.locks, wanted)) return "it forgets or invents a lock";
  const forgotten = wanted.find((lock) => {
    const field = textField(lock.id);
    const commit = event.commits[field];
    return (
      commit === undefined ||
      (!(kind === "lock.set" && lock.id === id) && commit !== before.commits[field])
    );
  });
  return forgotten === undefined ? undefined : `it says another reason for lock ${forgotten.id}`;
}

function setAfter(stand: Lock[], { at, data }: Event & { kind: "lock.set" }): Lock[] | string {
  const { id, person, locks } = data;
  if (stand.some((lock) => lock.id === id)) return "it sets a lock that stands already";
  const lock = locks.find((one) => one.id === id);
  if (lock === undefined) return "the lock it sets is not among those that stand";
  if (lock.by !== person || lock.at !== at || lock.release !== null)
    return "the lock is another's, of another time, or half released";
  if (lock.expiresAt !== null && lock.expiresAt <= at) return "it sets a lock that is over already";
  return [...stand, lock];
}

function releasedAfter(
  stand: Lock[],
  its: Lock | undefined,
  { at, kind, data }: Event & { kind: "lock.release_asked" | "lock.released" },
): Lock[] | string {
  if (its === undefined) return "no such lock stands";
  if (its.subject.kind === "person" && its.subject.id === data.person)
    return "nobody unlocks themselves";
  if (kind === "lock.released") {
    if (its.release === null || its.release.person !== data.first)
      return "the first of two persons did not ask for it";
    if (data.first === data.person) return "one person is not two";
    return stand.filter((lock) => lock.id !== its.id);
  }
  if (its.release?.person === data.person) return "the same person asks for it again";
  const { person, judged } = data;
  const told = judged?.groupsFrom === undefined ? {} : { groups: judged.groups };
  const release = { person, at, ...told };
  return stand.map((lock) => (lock.id === its.id ? { ...lock, release } : lock));
}

/**
 * What events of other chains say of locks, as far as the record alone can tell: an intent names the last event
 * of LOCK it was judged under, by which nothing may have locked its requester, its target or whose approval it
 * counts (who was in which group is in the directory, and not looked at); an end by a lock names one that was
 * set and covers the session.
 */
export function lockedEventProblems(events: readonly Event[]): { event: Event; what: string }[] {
  const after = new Map<number, Lock[]>([[0, []]]);
  const ever = new Map<string, Lock>();
  for (const event of events) {
    if (event.chain !== LOCK) continue;
    after.set(event.seq, carried(event));
    for (const lock of carried(event)) ever.set(lock.id, lock);
  }
  const problems: { event: Event; what: string }[] = [];
  const places = new Map<string, PlaceOf>();
  for (const event of events) {
    if (event.kind === "request.asked" || event.kind === "glass.broken") {
      places.set(event.chain, placeOf(event));
    }
    if (event.kind === "exec.intent") {
      const locks = after.get(event.data.locks);
      const place = places.get(event.chain);
      const what =
        locks === undefined
          ? `it names an event ${LOCK} #${event.data.locks} that is not there`
          : underLock(locks, place, event);
      if (what !== undefined) problems.push({ event, what });
      if (place !== undefined) place.tasks.set(event.data.attempt, event.data.taskArn);
    }
    if ((event.kind === "session.ended" || event.kind === "end.unverified") && event.data.lock) {
      const lock = ever.get(event.data.lock);
      const place = places.get(event.chain);
      const fits =
        lock !== undefined &&
        (lock.subject.kind === "group" ||
          lockOn(
            { locks: [lock] },
            lockable(place, place?.tasks.get(event.data.attempt)),
            lock.at,
          ));
      if (!fits) problems.push({ event, what: `lock ${event.data.lock} was none on it` });
    }
  }
  return problems;
}

interface PlaceOf {
  requester: string;
  clusterArn: string;
  service: string | undefined;
  /** The task of each attempt. */
  tasks: Map<number, string>;
}

function placeOf({ data }: Event & { kind: "request.asked" | "glass.broken" }): PlaceOf {
  const { resource, target } = data;
  return {
    requester: data.requester.person,
    clusterArn: target.clusterArn,
    service: resource.kind === "service" ? resource.name : undefined,
    tasks: new Map(),
  };
}

function lockable(place: PlaceOf | undefined, taskArn: string | undefined) {
  if (place === undefined) return { people: [] };
  const { requester, clusterArn, service } = place;
  return {
    people: [{ id: requester, groups: [] }],
    place: {
      clusterArn,
      ...(service === undefined ? {} : { service }),
      ...(taskArn === undefined ? {} : { taskArn }),
    },
  };
}

function underLock(
  locks: Lock[],
  place: PlaceOf | undefined,
  { at, data }: Event & { kind: "exec.intent" },
): string | undefined {
  const own = lockable(place, data.taskArn);
  const people = [...own.people, ...data.approvals.map((id) => ({ id, groups: [] }))];
  const lock = lockOn({ locks }, { ...own, people }, at);
  return lock === undefined ? undefined : `it was locked by ${lock.id}`;
}
