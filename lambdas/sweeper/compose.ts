import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { ecsTaskStopper } from "../../adapters/ecs-task-stopper.ts";
import { ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { ssmSessions } from "../../adapters/ssm-sessions.ts";
import type { Composed, SweeperPorts } from "../ports.ts";
import type { Settings } from "../settings.ts";

/** What the sweeper works with: on AWS, and against whatever answers as AWS. */
export function sweeperPorts(
  common: Omit<
    Composed<SweeperPorts>,
    "containers" | "sessionEnder" | "sessionWatch" | "taskStopper"
  >,
  { readRoleArns, endRoleArns }: Settings,
  aws: AwsSettings,
): Composed<SweeperPorts> {
  const { clock, deployment } = common;
  const { partition } = deployment.territory;
  return {
    ...common,
    containers: ecsContainers({
      aws,
      clock,
      roleArns: readRoleArns,
      roleSessionName: "sallyport-sweeper",
    }),
    sessionEnder: ssmSessionEnder({ aws, partition, roleArns: endRoleArns }),
    ...(deployment.mayStopTasks === true
      ? { taskStopper: ecsTaskStopper({ aws, roleArns: endRoleArns }) }
      : {}),
    sessionWatch: ssmSessions({ aws, roleArns: endRoleArns, roleSessionName: "end-sweeper" }),
  };
}
