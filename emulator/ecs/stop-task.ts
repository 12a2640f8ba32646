import { AwsError } from "../aws-error.ts";
import { textOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { clusterName, existingCluster, findTask, taskArn } from "./names.ts";
import { taskShape } from "./shapes.ts";

/** StopTask: everything in the task is killed. Unlike on AWS it has stopped at once, and no other is started. */
export const stopTask: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  const arn = taskArn(world, name, textOf(input, "task") ?? "");
  demandEcs(world, principal, "ecs:StopTask", arn, { "ecs:cluster": name.arn });
  const task = findTask(existingCluster(world, name), arn);
  if (task === undefined) {
    throw new AwsError("InvalidParameterException", "The referenced task was not found.");
  }
  world.fleet.stopTask(task.arn, textOf(input, "reason"));
  return { task: taskShape(task, []) };
};
