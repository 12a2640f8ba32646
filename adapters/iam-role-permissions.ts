import {
  type EvaluationResult,
  IAMClient,
  SimulatePrincipalPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Question, RolePermissions, Simulated } from "../core/surroundings.ts";
import { clientConfiguration, within } from "./aws-client.ts";
import { type ReadRoleSettings, readRoleSessions } from "./read-role.ts";
import { told } from "./told.ts";

/** Somebody waits for what is asked besides. */
const DEADLINE_MS = 5_000;
const MOST_RESULTS = 200;

/** SimulatePrincipalPolicy as `sallyport-read`, a call for each resource. */
export function iamRolePermissions(settings: ReadRoleSettings): RolePermissions {
  const role = readRoleSessions(settings);
  return {
    simulate: (place, roleArn, questions) =>
      told(role, place.account, "SimulatePrincipalPolicy", async () => {
        const client = new IAMClient(
          clientConfiguration(settings.aws, "iam", {
            region: place.region,
            credentials: role.credentialsFor(place.account),
            maxAttempts: 2,
          }),
        );
        try {
          const limit = within(DEADLINE_MS);
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
        } finally {
          client.destroy();
        }
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
