import type { Principal } from "./principal.ts";

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
  groups: string[];
  principals: PrincipalRef[];
}

export interface Program {
  kind: "program";
  id: string;
  name: string;
  groups: string[];
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
 * Whose a principal is. Accounts, ids and session names are compared exactly. A session name counts only
 * under one of the `trustedRoles`, whose session names are set by somebody trusted; under any other role
 * the caller chose it, and only the role's own id is looked for.
 */
export function whoIs(
  directory: Directory,
  principal: Pick<Principal, "account" | "uniqueId" | "session">,
  trustedRoles: readonly { account: string; roleId: string }[],
): WhoIs {
  const { account, uniqueId, session } = principal;
  const trusted = trustedRoles.some((role) => role.account === account && role.roleId === uniqueId);
  const theirs = (ref: PrincipalRef): boolean => {
    if ("uniqueId" in ref) return ref.account === account && ref.uniqueId === uniqueId;
    if (!("roleId" in ref) || !trusted || session === undefined) return false;
    return ref.account === account && ref.roleId === uniqueId && ref.session === session;
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
