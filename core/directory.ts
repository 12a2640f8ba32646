import type { GroupSource } from "./group-source.ts";
import type { PrincipalName } from "./principal.ts";

/** One way of arriving. A session name counts only under a role the deployment trusts to set it. */
export type PrincipalRef =
  | { account: string; uniqueId: string }
  | { account: string; roleId: string; session: string }
  | { issuer: string; subject: string };

export interface Person {
  kind: "person";
  /** `[A-Za-z0-9_.@-]{2,48}`: it becomes the SourceIdentity that CloudTrail shows. */
  id: string;
  name: string;
  /** Empty where they are not the directory's to say. */
  groups: string[];
  /** Who says it, where it is not the directory. */
  groupsFrom?: Exclude<GroupSource, "directory">;
  principals: PrincipalRef[];
}

export interface Program {
  kind: "program";
  id: string;
  name: string;
  groups: string[];
  groupsFrom?: Exclude<GroupSource, "directory">;
  /** Persons who may not approve what this program asks. */
  owners: string[];
  principals: PrincipalRef[];
}

/** Who exists: persons and programs, the principals that are theirs, and their groups. */
export interface Directory {
  version: 1;
  groups: string[];
  persons: Person[];
  programs: Program[];
}

export type WhoIs =
  | { kind: "person"; person: Person }
  | { kind: "program"; program: Program }
  | { kind: "nobody" }
  /** More than one: may neither ask nor approve, until the directory is mended. */
  | { kind: "ambiguous"; ids: string[] };

/**
 * Whose a principal is. Accounts, ids, session names, issuers and subjects are compared exactly. A session name
 * counts only under one of the `trustedRoles`, whose session names are set by somebody trusted; under any other role
 * the caller chose it, and only the role's own id is looked for.
 */
export function whoIs(
  directory: Directory,
  principal: PrincipalName,
  trustedRoles: readonly { account: string; roleId: string }[],
): WhoIs {
  const theirs = (ref: PrincipalRef): boolean => {
    if ("issuer" in principal) {
      return (
        "issuer" in ref && ref.issuer === principal.issuer && ref.subject === principal.subject
      );
    }
    if ("issuer" in ref || ref.account !== principal.account) return false;
    if ("uniqueId" in ref) return ref.uniqueId === principal.uniqueId;
    return (
      isTrusted(ref, trustedRoles) &&
      ref.roleId === principal.uniqueId &&
      ref.session === principal.session
    );
  };
  const matches = [...directory.persons, ...directory.programs].filter((known) =>
    known.principals.some(theirs),
  );
  const [match, second] = matches;
  if (match === undefined) return { kind: "nobody" };
  if (second !== undefined) return { kind: "ambiguous", ids: matches.map((m) => m.id) };
  return match.kind === "person"
    ? { kind: "person", person: match }
    : { kind: "program", program: match };
}

function isTrusted(
  { account, roleId }: { account: string; roleId: string },
  trustedRoles: readonly { account: string; roleId: string }[],
): boolean {
  return trustedRoles.some((role) => role.account === account && role.roleId === roleId);
}

/**
 * The name by which IAM Identity Center knows a person: that of their sessions under trusted roles, where it is one
 * and the same. Undefined where there is none, or more than one.
 */
export function userNameOf(
  { principals }: Pick<Person, "principals">,
  trustedRoles: readonly { account: string; roleId: string }[],
): string | undefined {
  const sessions = principals.flatMap((ref) =>
    "roleId" in ref && isTrusted(ref, trustedRoles) ? [ref.session] : [],
  );
  const [name, ...others] = new Set(sessions);
  return others.length === 0 ? name : undefined;
}
