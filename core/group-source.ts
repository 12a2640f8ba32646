import type { EpochMillis } from "./clock.ts";
import type { Directory, Person, Program } from "./directory.ts";

/** Who says in which groups somebody is: each person and program has one, and the directory says which. */
export type GroupSource = "directory" | "identity-center" | "token";

/** What a source says of somebody. `unknown`: it does not say; `unavailable`: it could not be asked. */
export type ToldGroups =
  | { kind: "groups"; groups: string[]; asOf: EpochMillis }
  | { kind: "unknown"; why: string }
  | { kind: "unavailable"; why: string };

/** IAM Identity Center, asked who is in which groups. */
export interface Memberships {
  /**
   * The names of all groups of the user of that name, as they are or were `KEPT_MS` ago at most. Never throws:
   * what cannot be asked is `unavailable`, and no older answer is given in its place.
   */
  groupsOf(userName: string): Promise<ToldGroups>;
}

/** The sources that are not the directory, in the order of their names. */
export const elsewhere = ["identity-center", "token"] as const;

/** By whose word some of these people are in their groups, where it is not the directory's: it does not say in which. */
export function sourcesElsewhere(
  people: readonly Pick<Person, "groupsFrom">[],
): (typeof elsewhere)[number][] {
  return elsewhere.filter((source) => people.some(({ groupsFrom }) => groupsFrom === source));
}

/** Of such people, whoever is in one of these groups, in words that go on a list of persons. */
export function whoeverIsIn(
  groups: readonly string[],
  sources: readonly (typeof elsewhere)[number][],
): string[] {
  const names = groups.join(" or ");
  return sources.map((source) =>
    source === "token"
      ? `whoever has ${names} in their token`
      : `whoever IAM Identity Center says is in ${names}`,
  );
}

export function sourceOf(known: Pick<Person | Program, "groupsFrom">): GroupSource {
  return known.groupsFrom ?? "directory";
}

/** Of groups that another source names, those that exist: the directory bounds them, letter by letter. */
export function bounded(groups: readonly string[], directory: Pick<Directory, "groups">): string[] {
  return [...new Set(groups)].filter((group) => directory.groups.includes(group)).toSorted();
}

/**
 * The groups of somebody who is not calling: by the directory those they are in now; where another source says it,
 * those they were in when they did what is on record, for only their own call could bring others. Empty for nobody.
 */
export function groupsNow(
  known: Pick<Person | Program, "groups" | "groupsFrom"> | undefined,
  then: readonly string[] | undefined,
): readonly string[] {
  if (known === undefined) return [];
  return sourceOf(known) === "directory" ? known.groups : (then ?? []);
}

/**
 * The same of what gives a right: what a source said then that the directory believes no more, for it names another
 * one, counts for nothing. `toldBy` is whose word it was, where it was not the directory's.
 */
export function groupsCounted(
  known: Pick<Person, "groups" | "groupsFrom">,
  then: readonly string[],
  toldBy: GroupSource | undefined,
): readonly string[] {
  const isBelieved = toldBy === undefined || toldBy === sourceOf(known);
  return groupsNow(known, isBelieved ? then : []);
}
