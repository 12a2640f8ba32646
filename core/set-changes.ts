import { canonicalJson, type Json } from "./canonical-json.ts";
import type { Directory, Person, Program } from "./directory.ts";
import { sourceOf } from "./group-source.ts";
import type { RuleText } from "./policy-engine.ts";

/**
 * How a set differs from the one in force, line by line, for those who are to agree to it: rules by their ids,
 * persons and programs with what of theirs comes and goes. What is not named did not change.
 */
export function setChanges(
  before: { rules: RuleText[]; directory: Directory; schema: string } | undefined,
  after: { rules: RuleText[]; directory: Directory; schema: string },
): string[] {
  return [
    ...compared("rule", textHashes(before?.rules ?? []), textHashes(after.rules)),
    ...compared("directory entry", known(before?.directory), known(after.directory), {
      added: groupsOf,
      changed: entryChanges,
    }),
    ...compared("group", named(before?.directory), named(after.directory)),
    ...(before !== undefined && before.schema !== after.schema ? ["the schema changed"] : []),
  ];
}

function compared<T>(
  what: string,
  old: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  words: { added(is: T): string; changed(was: T, is: T): string } = {
    added: () => "",
    changed: () => "changed",
  },
): string[] {
  const changes: string[] = [];
  for (const [id, is] of now) {
    const was = old.get(id);
    if (was === undefined) changes.push(`${what} ${id} added${words.added(is)}`);
    else if (canonicalJson(was as Json) !== canonicalJson(is as Json)) {
      changes.push(`${what} ${id} ${words.changed(was, is)}`);
    }
  }
  for (const id of old.keys()) if (!now.has(id)) changes.push(`${what} ${id} removed`);
  return changes;
}

const textHashes = (rules: RuleText[]) => new Map(rules.map(({ id, textHash }) => [id, textHash]));

const named = (directory: Directory | undefined) =>
  new Map((directory?.groups ?? []).map((group) => [group, group]));

const known = (directory: Directory | undefined) =>
  new Map<string, Person | Program>(
    [...(directory?.persons ?? []), ...(directory?.programs ?? [])].map((one) => [one.id, one]),
  );

/** Of somebody new, what they may be told by. */
function groupsOf({ groups, groupsFrom }: Person | Program): string {
  if (groupsFrom !== undefined) return `, in groups by ${groupsFrom}`;
  return groups.length === 0 ? ", in no group" : `, in ${groups.join(", ")}`;
}

/** What comes and goes: `groups +sre -payments; name changed`. */
function entryChanges(was: Person | Program, is: Person | Program): string {
  const lists = ["groups", "principals", "owners"] as const;
  const moved = lists.flatMap((field) => {
    const [old, now] = [texts(was, field), texts(is, field)];
    const signed = [
      ...now.filter((text) => !old.includes(text)).map((text) => `+${text}`),
      ...old.filter((text) => !now.includes(text)).map((text) => `-${text}`),
    ];
    return signed.length === 0 ? [] : [`${field} ${signed.join(" ")}`];
  });
  if (was.groupsFrom !== is.groupsFrom) {
    moved.push(`groups by ${sourceOf(is)}, before by ${sourceOf(was)}`);
  }
  const others = (["kind", "name"] as const).filter((field) => was[field] !== is[field]);
  // The order of a list, or one of its lines given twice, is a change of the text and of nothing else.
  const all = [...moved, ...others.map((field) => `${field} changed`)];
  return all.length === 0 ? "is written otherwise" : all.join("; ");
}

function texts(entry: Person | Program, field: "groups" | "principals" | "owners"): string[] {
  if (field === "owners") return entry.kind === "program" ? entry.owners : [];
  if (field === "groups") return entry.groups;
  return entry.principals.map((ref) => Object.values(ref).join(":"));
}
