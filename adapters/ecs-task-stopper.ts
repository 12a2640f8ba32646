import { ECSClient, StopTaskCommand } from "@aws-sdk/client-ecs";
import type { TaskStopper } from "../core/execute-command.ts";
import { stopTaskSessionPolicy } from "../core/session-policies.ts";
import { taskIdOf } from "../core/target.ts";
import { assumeRole, SHORTEST_SESSION_SECONDS } from "./assume-role.ts";
import { type AwsSettings, clientConfiguration, within } from "./aws-client.ts";

const DEADLINE_MS = 8_000;

/**
 * StopTask as `sallyport-end`, assumed for this one task. Stopping twice stops once, so the SDK may repeat the
 * call. Whether the task has stopped is for DescribeTasks to say.
 */
export function ecsTaskStopper({
  aws,
  roleArns,
}: {
  aws: AwsSettings;
  /** ARN of `sallyport-end` by account. */
  roleArns: { readonly [account: string]: string };
}): TaskStopper {
  const assume = assumeRole(aws);
  return {
    async stop(place, clusterArn, taskArn) {
      const roleArn = roleArns[place.account];
      if (roleArn === undefined) return "failed";
      try {
        const credentials = await assume({
          roleArn,
          roleSessionName: `end-task-${taskIdOf(taskArn)}`.slice(0, 64),
          policy: stopTaskSessionPolicy(taskArn),
          durationSeconds: SHORTEST_SESSION_SECONDS,
        });
        const client = new ECSClient(
          clientConfiguration(aws, "ecs", {
            region: place.region,
            credentials: async () => credentials,
            maxAttempts: 3,
          }),
        );
        try {
          await client.send(
            new StopTaskCommand({
              cluster: clusterArn,
              task: taskArn,
              reason: "sallyport: a session in it was to be ended for certain",
            }),
            within(DEADLINE_MS),
          );
          return "accepted";
        } finally {
          client.destroy();
        }
      } catch {
        // What is done about a refusal is one and the same for all: it is looked at, and tried again.
        return "failed";
      }
    },
  };
}
