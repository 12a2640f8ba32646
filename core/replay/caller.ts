import type { Caller } from "../caller.ts";
import { whoIs } from "../directory.ts";
import type { Event } from "../event.ts";
import { bounded, groupsNow, sourceOf } from "../group-source.ts";
import type { Judged } from "../kinds/judged.ts";
import type { Configuration } from "../policy-engine.ts";
import { namedBy } from "../principal.ts";
import type { RequestState } from "../request-state.ts";
import type { Difference } from "./compare.ts";
import { corrupt } from "./record.ts";

/** What an event says it was decided by. Throws `record_corrupt` where it does not. */
export function judgedOf(event: Event): Judged {
  const judged = "judged" in event.data ? event.data.judged : undefined;
  if (judged === undefined) {
    throw corrupt("what it was decided by is not kept with it: an earlier version wrote it");
  }
  if (
    typeof judged.at !== "number" ||
    !Array.isArray(judged.groups) ||
    !judged.groups.every((group) => typeof group === "string")
  ) {
    throw corrupt("the inputs of the decision are not on record");
  }
  if (judged.at > event.at) throw corrupt("it was put on record before it was decided");
  return judged;
}

/**
 * Who decided, with the groups that the record says, and where the directory of that set says otherwise. Roles
 * whose session names are trusted are of the deployment and not on record: here every one counts as trusted.
 * Throws `record_corrupt`.
 */
export function callerAsRecorded(
  { directory }: Configuration,
  event: Event,
): { caller: Caller; differences: Difference[] } {
  const { actor } = event;
  if (actor.kind !== "person" && actor.kind !== "program") {
    throw corrupt(`${actor.kind} decides nothing`);
  }
  const { groups, groupsFrom } = judgedOf(event);
  const id = actor.kind === "person" ? actor.person : actor.program;
  const known = [...directory.persons, ...directory.programs].find(
    (one) => one.kind === actor.kind && one.id === id,
  );
  const differences: Difference[] = [];
  const name = namedBy(actor.principal);
  const trusted = "issuer" in name ? [] : [{ account: name.account, roleId: name.uniqueId }];
  const who = whoIs(directory, name, trusted);
  const ids = {
    person: () => (who.kind === "person" ? [who.person.id] : []),
    program: () => (who.kind === "program" ? [who.program.id] : []),
    nobody: () => [],
    ambiguous: () => (who.kind === "ambiguous" ? who.ids : []),
  }[who.kind]();
  if (known === undefined || !ids.includes(id)) {
    differences.push({
      what: "caller",
      recorded: `${id} as ${actor.principal}`,
      replayed: ids.length === 0 ? "nobody in the directory" : ids.join(", "),
    });
  }
  const source = known === undefined ? "directory" : sourceOf(known);
  if (source !== (groupsFrom ?? "directory")) {
    differences.push({
      what: "source of groups",
      recorded: groupsFrom ?? "directory",
      replayed: source,
    });
  }
  // What another source said is on record and nowhere else; that such groups exist can be looked at.
  const theirs = source === "directory" ? (known?.groups ?? []) : bounded(groups, directory);
  differences.push(...otherGroups(groups, theirs));
  return {
    caller: {
      kind: actor.kind,
      id,
      name: known?.name ?? "",
      groups,
      ...(groupsFrom === undefined ? {} : { groupsFrom }),
      principal: actor.principal,
    },
    differences,
  };
}

/** The same of what the gateway itself did: the requester, whose right was judged, in that set's directory or not. */
export function requesterAsRecorded(
  { directory }: Configuration,
  { requester: { person: id, name }, requesterPrincipal: principal, requesterGroups }: RequestState,
  event: Event,
): { caller: Caller; differences: Difference[] } {
  const { groups } = judgedOf(event);
  const known = [...directory.persons, ...directory.programs].find((one) => one.id === id);
  const theirs = bounded(groupsNow(known, requesterGroups), directory);
  const caller = { kind: known?.kind ?? "person", id, name, groups, principal };
  return { caller, differences: otherGroups(groups, theirs) };
}

function otherGroups(recorded: string[], replayed: string[]): Difference[] {
  return JSON.stringify(recorded.toSorted()) === JSON.stringify(replayed.toSorted())
    ? []
    : [{ what: "groups", recorded, replayed }];
}
