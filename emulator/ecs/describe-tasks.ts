import { AwsError } from "../aws-error.ts";
import { textOf, textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { clusterName, existingCluster, findTask, taskArn } from "./names.ts";
import { taskShape } from "./shapes.ts";

/** A task that does not exist is a `failure` with the reason MISSING, not an error. */
export const describeTasks: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  const written = textsOf(input, "tasks") ?? [];
  const include = textsOf(input, "include") ?? [];
  if (written.length === 0) {
    throw new AwsError("InvalidParameterException", "Tasks cannot be empty.");
  }
  if (written.length > 100) {
    throw new AwsError("InvalidParameterException", "Tasks may have at most 100 entries");
  }
  const arns = written.map((task) => taskArn(world, name, task));
  for (const arn of arns) {
    demandEcs(world, principal, "ecs:DescribeTasks", arn, { "ecs:cluster": name.arn });
  }
  const cluster = existingCluster(world, name);
  const found = arns.map((arn) => ({ arn, task: findTask(cluster, arn) }));
  return {
    tasks: found.flatMap(({ task }) => (task === undefined ? [] : [taskShape(task, include)])),
    failures: found.flatMap(({ arn, task }) =>
      task === undefined ? [{ arn, reason: "MISSING" }] : [],
    ),
  };
};
