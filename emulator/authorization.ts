import type { RequestContext } from "./iam/context.ts";
import { tagEntries } from "./iam/context.ts";
import { evaluate } from "./iam/policy.ts";
import type { Principal } from "./principal.ts";

export type Authorization = { kind: "allowed" } | { kind: "denied"; message: string };

/**
 * Whether IAM lets a principal do one thing to one resource: some identity policy allows it, a session
 * policy, if there is one, allows it too, and neither forbids it. The message of a denial is AWS's.
 */
export function authorize(
  principal: Principal,
  action: string,
  resource: string,
  context: RequestContext,
): Authorization {
  const request = { action, resource, context };
  const identity = evaluate(principal.policies, request);
  const session =
    principal.sessionPolicy === undefined ? "allow" : evaluate([principal.sessionPolicy], request);
  if (identity === "allow" && session === "allow") return { kind: "allowed" };
  const why =
    identity === "explicit-deny"
      ? "with an explicit deny in an identity-based policy"
      : session === "explicit-deny"
        ? "with an explicit deny in a session policy"
        : identity === "no-match"
          ? `because no identity-based policy allows the ${action} action`
          : `because no session policy allows the ${action} action`;
  return {
    kind: "denied",
    message: `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
  };
}

/** The context keys every request has, whatever it asks for. */
export function principalContext(principal: Principal, at: number, region: string): RequestContext {
  return {
    "aws:principalarn": principal.roleArn ?? principal.arn,
    "aws:principalaccount": principal.account,
    "aws:userid": principal.userId,
    "aws:currenttime": new Date(at).toISOString(),
    "aws:requestedregion": region,
    "aws:viaawsservice": "false",
    "aws:sourceidentity": principal.sourceIdentity,
    ...tagEntries("aws:PrincipalTag", principal.tags),
  };
}
