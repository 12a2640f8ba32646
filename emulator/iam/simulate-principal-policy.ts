import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import { textOf, textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { evaluate, missingKeys } from "./policy.ts";

const DECISIONS = {
  allow: "allowed",
  "explicit-deny": "explicitDeny",
  "no-match": "implicitDeny",
} as const;

/**
 * SimulatePrincipalPolicy of a role: what its own policies say of each action on each resource, with no context
 * but what the caller gives, which is not emulated. A condition that would need more is named.
 */
export const simulatePrincipalPolicy: Operation = (world, principal, input) => {
  const arn = textOf(input, "PolicySourceArn") ?? "";
  const actions = textsOf(input, "ActionNames") ?? [];
  const resources = textsOf(input, "ResourceArns") ?? ["*"];
  const decision = authorize(
    principal,
    "iam:SimulatePrincipalPolicy",
    arn,
    principalContext(principal, world.now(), world.region),
  );
  if (decision.kind === "denied") throw new AwsError("AccessDenied", decision.message, 403);
  const role = world.roles.get(arn);
  if (role === undefined || role.account !== principal.account) {
    throw new AwsError("NoSuchEntity", `The role with name ${arn} cannot be found.`, 404);
  }
  if (actions.length === 0) {
    throw new AwsError("ValidationError", "ActionNames must have at least 1 member");
  }
  return {
    IsTruncated: false,
    EvaluationResults: actions.flatMap((action) =>
      resources.map((resource) => {
        const request = { action, resource, context: {} };
        return {
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: DECISIONS[evaluate(role.permissions, request)],
          MissingContextValues: missingKeys(role.permissions, request),
        };
      }),
    ),
  };
};
