import type { Caller } from "../core/caller.ts";
import { whoIs } from "../core/directory.ts";
import { SallyportError } from "../core/errors.ts";
import type { Configuration } from "../core/policy-engine.ts";
import type { Principal } from "../core/principal.ts";
import type { Deployment } from "./ports.ts";

/** `<account>:<unique id>[:<session>]`: how events name who called. */
export function principalText(principal: Principal): string {
  return principal.session === undefined ? principal.key : `${principal.key}:${principal.session}`;
}

/** The directory's person or program behind a principal; undefined when it is nobody's or several's. */
export function callerOf(
  configuration: Configuration,
  principal: Principal,
  deployment: Deployment,
): Caller | undefined {
  const who = whoIs(configuration.directory, principal, deployment.trustedRoles);
  if (who.kind === "nobody" || who.kind === "ambiguous") return undefined;
  const known = who.kind === "person" ? who.person : who.program;
  return {
    kind: who.kind,
    id: known.id,
    name: known.name,
    groups: known.groups,
    principal: principalText(principal),
  };
}

/** The same, where nothing can be done without one. Throws `identity_unmapped`. */
export function identify(
  configuration: Configuration,
  principal: Principal,
  deployment: Deployment,
): Caller {
  const caller = callerOf(configuration, principal, deployment);
  if (caller === undefined) {
    throw new SallyportError(
      "identity_unmapped",
      `the directory has no one person for ${principal.arn}`,
      {
        hint: "ask those who keep the directory to add this principal; `sallyport whoami` shows it",
      },
    );
  }
  return caller;
}
