import { ECSClient, StopTaskCommand } from "@aws-sdk/client-ecs";
import type { TaskStopper } from "../core/execute-command.ts";
import { STOPS_TASK } from "../core/roles.ts";
import { stopTaskSessionPolicy } from "../core/session-policies.ts";
import { taskIdOf } from "../core/target.ts";
import { within } from "./aws-client.ts";
import { asEndRole, type EndRoleSettings } from "./end-role.ts";

const DEADLINE_MS = 8_000;

/**
 * StopTask as `sallyport-end`, assumed for this one task. Stopping twice stops once, so the SDK may repeat the
 * call. Whether the task has stopped is for DescribeTasks to say.
 */
export function ecsTaskStopper(settings: EndRoleSettings): TaskStopper {
  const act = asEndRole(settings);
  return {
    async stop(place, clusterArn, taskArn) {
      try {
        const command = new StopTaskCommand({
          cluster: clusterArn,
          task: taskArn,
          reason: "sallyport: a session in it was to be ended for certain",
        });
        const session = {
          service: "ecs",
          roleSessionName: `${STOPS_TASK}${taskIdOf(taskArn)}`.slice(0, 64),
          policy: stopTaskSessionPolicy(taskArn),
          client: ECSClient,
        } as const;
        await act(place, session, (client) => client.send(command, within(DEADLINE_MS)));
        return "accepted";
      } catch {
        // What is done about a refusal is one and the same for all: it is looked at, and tried again.
        return "failed";
      }
    },
  };
}
