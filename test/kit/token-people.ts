import type { Texts } from "../../lambdas/decide/activation.ts";
import { rulesHere } from "../../local/rules-here.ts";

/** The role whose sessions IAM Identity Center names. */
export const identityCenterRole = { account: "111122223333", roleId: "AROAIDENTITYCENTER01" };

interface Entry {
  id: string;
  groups: string[] | string;
  principals: object[];
  [member: string]: unknown;
}

/**
 * The rules of this checkout, and its directory with people who come by tokens of `people`: `dev`, whose groups it
 * lists; `lead`, whose token says them; `ida`, of whom Identity Center knows. `bot` comes by tokens of `programs`.
 */
export function tokenPeople(people: string, programs: string): Texts {
  const texts = rulesHere();
  const directory = JSON.parse(texts.directory) as { persons: Entry[]; programs: Entry[] };
  const entry = (list: Entry[], id: string): Entry => {
    const found = list.find((one) => one.id === id);
    if (found === undefined) throw new Error(`${id} is not in the directory`);
    return found;
  };
  // Whatever the directory says: of tokens about programs nobody is a person, and the other way round.
  entry(directory.persons, "dev").principals.push(
    { issuer: people, subject: "sub-dev" },
    { issuer: programs, subject: "sub-dev" },
  );
  const lead = entry(directory.persons, "lead");
  lead.groups = "token";
  lead.principals.push({ issuer: people, subject: "sub-lead" });
  directory.persons.push({
    id: "ida",
    name: "Ida Center",
    groups: "identity-center",
    principals: [
      { ...identityCenterRole, session: "ida@example.com" },
      { issuer: people, subject: "sub-ida" },
    ],
  });
  entry(directory.programs, "bot").principals.push(
    { issuer: programs, subject: "repo:acme/payments:ref:refs/heads/main" },
    { issuer: people, subject: "sub-bot" },
  );
  return { ...texts, directory: JSON.stringify(directory) };
}
