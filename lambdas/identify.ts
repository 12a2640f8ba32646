import type { Caller } from "../core/caller.ts";
import { type Person, type Program, userNameOf, whoIs } from "../core/directory.ts";
import { SallyportError } from "../core/errors.ts";
import { bounded, sourceOf, type ToldGroups } from "../core/group-source.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type Principal, principalText } from "../core/principal.ts";
import type { CommonPorts, Deployment } from "./ports.ts";

type Identifying = Pick<CommonPorts, "deployment" | "memberships">;

/**
 * The directory's person or program behind a principal; undefined when it is nobody's or several's, or when a token
 * of an issuer of people names a program, or the other way round.
 */
export function knownAs(
  { directory }: Configuration,
  principal: Principal,
  { trustedRoles }: Deployment,
): Person | Program | undefined {
  const who = whoIs(directory, principal, trustedRoles);
  if (who.kind === "nobody" || who.kind === "ambiguous") return undefined;
  if ("issuer" in principal && principal.about !== who.kind) return undefined;
  return who.kind === "person" ? who.person : who.program;
}

/** The same with their groups, from the one source that the directory names for them; in none where it does not say. */
export async function callerOf(
  configuration: Configuration,
  principal: Principal,
  ports: Identifying,
): Promise<{ caller: Caller; told: ToldGroups } | undefined> {
  const known = knownAs(configuration, principal, ports.deployment);
  if (known === undefined) return undefined;
  const { kind, id, name, groupsFrom } = known;
  const told = await groupsTold(known, principal, ports);
  const groups = told.kind === "groups" ? told.groups : [];
  return {
    told,
    caller: {
      kind,
      id,
      name,
      groups: groupsFrom === undefined ? groups : bounded(groups, configuration.directory),
      ...(groupsFrom === undefined ? {} : { groupsFrom }),
      principal: principalText(principal),
    },
  };
}

async function groupsTold(
  known: Person | Program,
  principal: Principal,
  { memberships, deployment }: Identifying,
): Promise<ToldGroups> {
  const unknown = (why: string): ToldGroups => ({ kind: "unknown", why });
  switch (sourceOf(known)) {
    case "directory":
      return { kind: "groups", groups: known.groups, asOf: 0 };
    case "token":
      if (!("issuer" in principal)) return unknown("only a token says it, and none came");
      return principal.groups === undefined
        ? unknown("the token has no claim of groups")
        : { kind: "groups", groups: principal.groups, asOf: principal.issuedAt };
    case "identity-center": {
      if (memberships === undefined) return unknown("IAM Identity Center is not configured");
      const userName = userNameOf(known, deployment.trustedRoles);
      if (userName === undefined) return unknown("they have no session under a trusted role");
      return await memberships.groupsOf(userName);
    }
  }
}

/**
 * The same, where nothing can be done without one. Throws `identity_unmapped`; `groups_unknown` or
 * `groups_unavailable` where it is not known in which groups they are, for in none a rule may forbid them less.
 */
export async function identify(
  configuration: Configuration,
  principal: Principal,
  ports: Identifying,
): Promise<Caller> {
  const found = await callerOf(configuration, principal, ports);
  if (found === undefined) {
    const who = "issuer" in principal ? principal.key : principal.arn;
    throw new SallyportError("identity_unmapped", `the directory has no one person for ${who}`, {
      hint: "ask those who keep the directory to add this principal; `sallyport whoami` shows it",
    });
  }
  const { caller, told } = found;
  if (told.kind === "unknown") {
    throw new SallyportError("groups_unknown", `your groups are not known: ${told.why}`, {
      hint: `the directory leaves them to ${caller.groupsFrom ?? ""}; \`sallyport whoami\` shows how you came`,
    });
  }
  if (told.kind === "unavailable") {
    throw new SallyportError("groups_unavailable", `your groups cannot be looked up: ${told.why}`, {
      hint: "nothing was done: try again in a moment",
      retryAfterSeconds: 5,
    });
  }
  return caller;
}
