import { readFileSync } from "node:fs";
import { rulesHere } from "../../local/rules-here.ts";
import { uniqueIdOf } from "./profiles.ts";

/** The command under which a rule of this set is asked for: one rule, one word. It runs until it is ended. */
export function commandOf(rule: string): string {
  return `tail -f /dev/null /etc/${rule}`;
}

/** A permit on exec for `dev` alone, for one command alone. */
function permit(id: string, annotations: string): string {
  return `@id("${id}") ${annotations}
permit (principal in Sallyport::Group::"payments", action == Sallyport::Action::"exec", resource)
when { context.line == "[\\"tail\\",\\"-f\\",\\"/dev/null\\",\\"/etc/${id}\\"]" };`;
}

/**
 * A set for tests of approvals: exec rules by their ids and annotations, who may decide as in this checkout, and
 * twenty persons `other-0` to `other-19` in the group `crowd`, who may approve as well. The first of them has
 * a second identity, `other-100`.
 */
export function approvalSet(rules: { [id: string]: string }): ReturnType<typeof rulesHere> {
  const here = rulesHere();
  const directory = JSON.parse(here.directory) as { groups: string[]; persons: object[] };
  directory.groups.push("crowd");
  for (let i = 0; i < 20; i++) {
    const id = `other-${i}` as const;
    const principals = [id, ...(i === 0 ? (["other-100"] as const) : [])].map((profile) => ({
      account: "111122223333",
      uniqueId: uniqueIdOf(profile),
    }));
    directory.persons.push({ id, name: id, groups: ["crowd"], principals });
  }
  const crowd = `@id("crowd-approves")
permit (principal in Sallyport::Group::"crowd", action == Sallyport::Action::"approve", resource);`;
  return {
    ...here,
    directory: JSON.stringify(directory),
    policies: [
      ...Object.entries(rules).map(([id, annotations]) => permit(id, annotations)),
      crowd,
      ...["20-decide", "30-read"].map((name) =>
        readFileSync(new URL(`../../policies/${name}.cedar`, import.meta.url), "utf8"),
      ),
    ].join("\n"),
  };
}
