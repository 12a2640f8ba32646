import { rulesHere } from "../../../local/rules-here.ts";

/** Who has to agree, by name: the demo's directory has one person in each group that decides. */
export type Decider = "lead" | "sre";
export type CommandName = "list" | "shell" | "date";
export type SetName = "usual" | "strict" | "frozen";

export const commands: { [name in CommandName]: string } = {
  list: "/bin/ls",
  shell: "/bin/sh",
  date: "/bin/date",
};

/**
 * What each set lets the developer run, as alternatives of who has to agree: the rules of the repository, the
 * same with two for every command, and with no exec at all.
 */
export function alternativesOf(set: SetName, command: CommandName, service: string): Decider[][] {
  if (set === "frozen") return [];
  const team: Decider[] = set === "usual" ? ["lead"] : ["lead", "sre"];
  const both: Decider[] = ["lead", "sre"];
  if (command === "shell") return [both];
  const look: Decider[][] = command === "date" && service === "payments-api" ? [[]] : [];
  return [...look, team, both];
}

const team = /(@id\("team-command"\)\n@approvals\("\{team\}-leads:1)("\))/;
const frozen = `
@id("frozen")
forbid (principal, action == Sallyport::Action::"exec", resource);
`;

/** The texts of a set, with the developer in its directory or not. */
export function textsOf(set: SetName, devKnown: boolean) {
  const { policies, schema, directory } = rulesHere();
  if (!team.test(policies)) throw new Error("the rule that the strict set changes is not there");
  const changed = {
    usual: policies,
    strict: policies.replace(team, "$1, sre:1$2"),
    frozen: `${policies}${frozen}`,
  }[set];
  return { policies: changed, schema, directory: devKnown ? directory : withoutDev(directory) };
}

function withoutDev(directory: string): string {
  const all = JSON.parse(directory) as { persons: { id: string }[]; programs: unknown[] };
  const persons = all.persons.filter(({ id }) => id !== "dev");
  // The program is theirs.
  return JSON.stringify({ ...all, persons, programs: [] });
}
