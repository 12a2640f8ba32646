import type { EpochMillis } from "./clock.ts";
import { isoTime } from "./clock.ts";
import type { Site } from "./consider.ts";
import type { Directory } from "./directory.ts";
import { SallyportError } from "./errors.ts";
import {
  bounded,
  type elsewhere,
  groupsNow,
  sourcesElsewhere,
  whoeverIsIn,
} from "./group-source.ts";
import { isLockedOne, type Lock, type Lockable, type Locks, lockOn } from "./locks.ts";
import type { Configuration, PolicyEngine, Resource } from "./policy-engine.ts";
import type { RequestState } from "./request-state.ts";

type Person = Directory["persons"][number];

/**
 * Persons whom the rules let lock and unlock, and who are not locked themselves at that instant. Each of their
 * rights is judged, so it is asked for only where somebody is to be told. Those whose groups are not the directory's
 * to say are in none here, but for the one who `asked` first, who is in those they were in then.
 */
export function lockers(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Pick<Locks, "locks">,
  at: EpochMillis,
  asked?: NonNullable<Lock["release"]>,
): Person[] {
  const { directory } = configuration;
  return directory.persons
    .map((person) => {
      const then = person.id === asked?.person ? asked.groups : undefined;
      return { ...person, groups: bounded(groupsNow(person, then), directory) };
    })
    .filter(
      (person) =>
        lockOn(locks, { people: [person] }, at) === undefined &&
        policy.judge(configuration, {
          principal: { kind: "person", id: person.id, groups: person.groups },
          action: "lock",
          resource: { kind: "gateway" },
        }).kind === "permit",
    );
}

/**
 * The groups each of which the rules let lock by itself, for whoever is in one by another word than the directory's;
 * none where the directory says of everybody. Each group is judged, so it is asked for only where somebody is told.
 */
export function lockingGroups(policy: PolicyEngine, configuration: Configuration): string[] {
  const { groups, persons } = configuration.directory;
  const may = (id: string, inGroups: string[]): boolean =>
    policy.judge(configuration, {
      principal: { kind: "person", id, groups: inGroups },
      action: "lock",
      resource: { kind: "gateway" },
    }).kind === "permit";
  // Whom a rule lets by name would let every group look as if it might.
  const someone = persons.find(({ id, groupsFrom }) => groupsFrom !== undefined && !may(id, []));
  return someone === undefined ? [] : groups.filter((group) => may(someone.id, [group]));
}

/** Who else may be one of the two that unlock it: whoever is in one of these groups by the word of these sources. */
export function unlockersElsewhere(
  { subject }: Pick<Lock, "subject">,
  locking: readonly string[],
  { persons, programs }: Pick<Directory, "persons" | "programs">,
): { groups: string[]; by: (typeof elsewhere)[number][] } | undefined {
  const groups = locking.filter((group) => subject.kind !== "group" || subject.id !== group);
  const by = sourcesElsewhere(persons.filter((one) => !isLockedOne(subject, one, programs)));
  return groups.length === 0 || by.length === 0 ? undefined : { groups, by };
}

/** Of those persons, the ids of who may be one of the two that unlock this one. */
export function unlockersOf(
  lock: Lock,
  persons: readonly Person[],
  directory: Directory,
): string[] {
  return persons
    .filter((person) => !isLockedOne(lock.subject, person, directory.programs))
    .map(({ id }) => id);
}

/**
 * Throws `locked` where a lock stops it: with the reason, and who may unlock it. So it is asked only once it is
 * known that whoever calls may see what is locked.
 */
export function requireUnlocked(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  what: Lockable,
  at: EpochMillis,
): void {
  const lock = lockOn(locks, what, at);
  if (lock !== undefined) throw lockedBy(policy, configuration, locks, lock, at);
}

/** The same of whoever agreed to something: nobody else's approval takes their place, so it says who it is. */
export function requireAgreedUnlocked(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  agreed: Lockable["people"],
  at: EpochMillis,
): void {
  for (const person of agreed) {
    const lock = lockOn(locks, { people: [person] }, at);
    if (lock === undefined) continue;
    const by = lock.subject.kind === "group" ? `, of ${lock.subject.id},` : "";
    const who = `${person.id}${by} who agreed to it`;
    throw lockedBy(policy, configuration, locks, lock, at, who);
  }
}

/** `who` stands for the name of what is locked, where that alone would not tell why it matters. */
export function lockedBy(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  lock: Lock,
  at: EpochMillis,
  who = `${lock.subject.kind} ${lock.subject.id}`,
): SallyportError {
  const { id, subject, expiresAt } = lock;
  const reason = locks.texts[id]?.reason ?? "";
  const until = expiresAt === null ? "" : ` until ${isoTime(expiresAt)}`;
  const { directory } = configuration;
  const mayUnlock = unlockersOf(lock, lockers(policy, configuration, locks, at), directory);
  return new SallyportError(
    "locked",
    `${who} is locked${until}${reason === "" ? "" : `: ${reason}`}`,
    {
      hint: howItEnds(
        lock,
        mayUnlock,
        unlockersElsewhere(lock, lockingGroups(policy, configuration), directory),
      ),
      members: {
        lock: {
          id,
          subject,
          reason,
          ...(expiresAt === null ? {} : { expiresAt: isoTime(expiresAt) }),
        },
        mayUnlock,
      },
    },
  );
}

/**
 * Nobody is sent for persons who are not there: where fewer than two may unlock it, that is said. Of whom another
 * source than the directory says the groups, nobody knows it before they try, and only the groups are named.
 */
function howItEnds(
  { id, expiresAt }: Lock,
  mayUnlock: readonly string[],
  others: ReturnType<typeof unlockersElsewhere>,
): string {
  if (mayUnlock.length >= 2 || others !== undefined) {
    const also = others === undefined ? [] : whoeverIsIn(others.groups, others.by);
    const who = [...mayUnlock, ...also].join(", ");
    return `two persons of these unlock it, each with \`sallyport unlock ${id}\`: ${who}`;
  }
  const [one] = mayUnlock;
  const who =
    one === undefined ? "nobody may unlock it now" : `only ${one} may unlock it, and it takes two`;
  const atItsTime = expiresAt === null ? "" : "at its time, or ";
  return `${who}: it ends ${atItsTime}when the rules or the directory let another`;
}

/** Where something of the rules' is, as locks name it. */
export function placeOf(resource: Resource, taskArn?: string | null): Lockable["place"] {
  if (resource.kind === "gateway") return undefined;
  return {
    clusterArn: resource.clusterArn,
    ...(resource.kind === "service" ? { service: resource.name } : {}),
    ...(taskArn === undefined || taskArn === null ? {} : { taskArn }),
  };
}

/** A request as locks see it: whose it is, with the groups they are in as far as is known, and where. */
export function lockableOf(
  {
    requester,
    requesterGroups,
    resource,
    exec,
  }: Pick<RequestState, "requester" | "requesterGroups" | "resource" | "exec">,
  { persons, programs }: Pick<Directory, "persons" | "programs">,
  taskArn: string | null | undefined = exec?.target.taskArn,
): Lockable {
  const known = [...persons, ...programs].find(({ id }) => id === requester.person);
  return {
    people: [{ id: requester.person, groups: groupsNow(known, requesterGroups) }],
    place: placeOf(resource, taskArn),
  };
}

/**
 * Whose agreement to a request, or to more time for it, counts as yet, with the groups they are in now or, where it is
 * not the directory that says so, were in when they agreed.
 */
export function agreedTo(
  { decisions }: Pick<RequestState, "decisions">,
  { persons }: Pick<Directory, "persons">,
): Lockable["people"] {
  const approvals = decisions.filter((d) => d.counts && d.decision === "approve");
  return approvals.map(({ person, groups, allGroups }) => ({
    id: person,
    groups: groupsNow(
      persons.find((p) => p.id === person),
      allGroups ?? groups,
    ),
  }));
}

/** The same of a target somebody asks for, of which only a task that is named can be locked by itself. */
export function siteLockable(
  site: Pick<Site, "resource" | "target" | "tasks">,
  caller: { id: string; groups: readonly string[] },
): Lockable {
  const named = site.target.taskId === undefined ? undefined : site.tasks[0]?.taskArn;
  return { people: [caller], place: placeOf(site.resource, named) };
}

/** The tasks of a site that are not locked by themselves. Throws `locked` where that leaves none of them. */
export function unlockedTasks(
  policy: PolicyEngine,
  configuration: Configuration,
  locks: Locks,
  site: Pick<Site, "resource" | "tasks">,
  at: EpochMillis,
): Site["tasks"] {
  const found = site.tasks.map((task) => ({
    task,
    lock: lockOn(locks, { people: [], place: placeOf(site.resource, task.taskArn) }, at),
  }));
  const free = found.flatMap(({ task, lock }) => (lock === undefined ? [task] : []));
  const lock = found.find((one) => one.lock !== undefined)?.lock;
  if (free.length === 0 && lock !== undefined) {
    throw lockedBy(policy, configuration, locks, lock, at);
  }
  return free;
}
