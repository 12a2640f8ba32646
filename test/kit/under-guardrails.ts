import { runSimulation, type Simulation } from "@cloud-copilot/iam-simulate";
import type { Guardrail } from "../../core/guardrails.ts";
import { evaluate, parsePolicy } from "../../emulator/iam/policy.ts";

/** A call by a role, as IAM sees it. */
export interface RoleCall {
  roleArn: string;
  action: string;
  resource: string;
  context?: { [key: string]: string | string[] };
}

const everythingAllowed = {
  name: "FullAWSAccess",
  policy: {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  },
};

/**
 * Whether a call is let through by service control policies, as an evaluator says that shares nothing with them: the
 * role is an administrator's, and beside them stands AWS's own policy that allows everything.
 */
export async function isAllowedUnder(policies: Guardrail[], call: RoleCall): Promise<boolean> {
  const { roleArn, action, resource, context = {} } = call;
  if (action.startsWith("apigateway:")) return isDeniedByNone(policies, call);
  const [, , , , account = ""] = roleArn.split(":");
  const [, , , , owner = ""] = resource.split(":");
  const simulation: Simulation = {
    request: {
      principal: `arn:aws:sts::${account}:assumed-role/${roleArn.split("/").at(-1)}/session`,
      action,
      resource: { resource, accountId: owner === "" ? account : owner },
      // Of a session of a role, IAM compares the role's own ARN, with its path.
      contextVariables: { ...context, "aws:PrincipalArn": roleArn },
    },
    identityPolicies: [everythingAllowed],
    serviceControlPolicies: [
      {
        orgIdentifier: "ou-ab12-34cd56ef",
        policies: [
          everythingAllowed,
          ...policies.map(({ name, content }) => ({ name, policy: content })),
        ],
      },
    ],
    resourceControlPolicies: [],
    // Another account's role, and a key's own policy, would stand in the way for their own reasons.
    resourcePolicy: {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: roleArn },
          Action: action,
          // A role's trust names no resource.
          ...(action === "sts:AssumeRole" ? {} : { Resource: "*" }),
        },
      ],
    },
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === "error") {
    throw new Error(`${action} on ${resource}: ${JSON.stringify(result.errors)}`);
  }
  return result.overallResult === "Allowed";
}

/** That evaluator's data know REST APIs alone; the emulator's evaluator has none, but fewer conditions. */
function isDeniedByNone(policies: Guardrail[], { roleArn, action, resource }: RoleCall): boolean {
  const documents = policies
    .flatMap(({ content }) => content.Statement)
    .filter(({ Resource }) => Resource.some((one) => one.includes(":apigateway:")))
    .map((Statement) => parsePolicy({ Version: "2012-10-17", Statement }, "identity"));
  const context = { "aws:principalarn": roleArn };
  return evaluate(documents, { action, resource, context }) !== "explicit-deny";
}
