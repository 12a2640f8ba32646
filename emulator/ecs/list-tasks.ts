import { AwsError } from "../aws-error.ts";
import { textOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { listPage } from "./list-page.ts";
import { clusterName, existingCluster, findService, serviceArn } from "./names.ts";

/**
 * ListTasks by service or by family. Filters that are not emulated are refused: a list that ignored
 * one would hold tasks that were not asked for.
 */
export const listTasks: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  const written = textOf(input, "serviceName");
  const family = textOf(input, "family");
  const desiredStatus = textOf(input, "desiredStatus") ?? "RUNNING";
  demandEcs(world, principal, "ecs:ListTasks", "*", { "ecs:cluster": name.arn });
  const cluster = existingCluster(world, name);

  const refuse = (message: string): AwsError => new AwsError("InvalidParameterException", message);
  for (const filter of ["containerInstance", "startedBy", "launchType", "daemonName"]) {
    if (textOf(input, filter) !== undefined) throw refuse(`${filter} is not emulated`);
  }
  if (written !== undefined && family !== undefined) {
    throw refuse("Cannot specify both family and serviceName");
  }
  if (!["RUNNING", "PENDING", "STOPPED"].includes(desiredStatus)) {
    throw refuse("desiredStatus must be RUNNING, PENDING or STOPPED");
  }
  let service: string | undefined;
  if (written !== undefined) {
    service = findService(cluster, serviceArn(world, name, written))?.name;
    if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.");
  }
  const arns = cluster.tasks
    .filter((task) => task.lastStatus === desiredStatus)
    .filter((task) => service === undefined || task.service === service)
    .filter((task) => family === undefined || task.definition.family === family)
    .map(({ arn }) => arn);
  return listPage("taskArns", arns, input, 100);
};
