import {
  type EvaluationResult,
  IAMClient,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Question, RolePermissions, Simulated } from "../core/surroundings.ts";
import type { ReadRoleSettings } from "./read-role.ts";
import { asking } from "./told.ts";

const MOST_RESULTS = 200;

/** SimulatePrincipalPolicy as `sallyport-read`, a call for each resource. */
export function iamRolePermissions(settings: ReadRoleSettings): RolePermissions {
  const ask = asking(settings, "iam", (configuration) => new IAMClient(configuration));
  return {
    simulate: (place, roleArn, questions) =>
      ask(place, "SimulatePrincipalPolicy", async (client, limit) => {
        const answers = await Promise.all(
          byResource(questions).map(async ({ actions, resource }) => {
            const { EvaluationResults = [], IsTruncated } = await client.send(
              new SimulatePrincipalPolicyCommand({
                PolicySourceArn: roleArn,
                ActionNames: [...actions],
                ResourceArns: [resource],
                MaxItems: MOST_RESULTS,
              }),
              limit,
            );
            // Half of an answer is none.
            if (IsTruncated === true) return undefined;
            return EvaluationResults.flatMap((result) => simulated(resource, result));
          }),
        );
        return answers.some((answer) => answer === undefined)
          ? undefined
          : answers.flatMap((answer) => answer ?? []);
      }),
  };
}

function byResource(questions: readonly Question[]): Question[] {
  return [...Map.groupBy(questions, ({ resource }) => resource)].map(([resource, those]) => ({
    resource,
    actions: [...new Set(those.flatMap(({ actions }) => actions))],
  }));
}

/** An answer that names no action or no known decision is left out: whoever asked sees that it is missing. */
function simulated(resource: string, result: EvaluationResult): Simulated[] {
  const { EvalActionName: action, EvalDecision, MissingContextValues = [] } = result;
  const decision =
    EvalDecision === "allowed"
      ? "allowed"
      : EvalDecision === "implicitDeny" || EvalDecision === "explicitDeny"
        ? "denied"
        : undefined;
  if (action === undefined || decision === undefined) return [];
  return [{ action, resource, decision, unknownKeys: MissingContextValues }];
}
