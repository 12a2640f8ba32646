import type { Json } from "./canonical-json.ts";
import { digestOf } from "./digest.ts";
import type { Directory } from "./directory.ts";
import type { RuleText } from "./policy-engine.ts";

/**
 * How a set differs from the one in force, line by line, for those who are to agree to it: rules by their
 * ids, persons and programs by theirs. What is not named did not change.
 */
export function setChanges(
  before: { rules: RuleText[]; directory: Directory; schema: string } | undefined,
  after: { rules: RuleText[]; directory: Directory; schema: string },
): string[] {
  const changes: string[] = [];
  const compare = (what: string, old: Map<string, Json>, now: Map<string, Json>): void => {
    for (const [id, value] of now) {
      const was = old.get(id);
      if (was === undefined) changes.push(`${what} ${id} added`);
      else if (digestOf(was) !== digestOf(value)) changes.push(`${what} ${id} changed`);
    }
    for (const id of old.keys()) if (!now.has(id)) changes.push(`${what} ${id} removed`);
  };
  const rules = (list: RuleText[]) =>
    new Map<string, Json>(list.map((rule) => [rule.id, rule.textHash]));
  compare("rule", rules(before?.rules ?? []), rules(after.rules));
  const known = (directory: Directory | undefined) =>
    new Map<string, Json>(
      [...(directory?.persons ?? []), ...(directory?.programs ?? [])].map((k) => [
        k.id,
        k as unknown as Json,
      ]),
    );
  compare("directory entry", known(before?.directory), known(after.directory));
  const groups = (directory: Directory | undefined) =>
    new Map<string, Json>((directory?.groups ?? []).map((g) => [g, g]));
  compare("group", groups(before?.directory), groups(after.directory));
  if (before !== undefined && before.schema !== after.schema) changes.push("the schema changed");
  return changes;
}
