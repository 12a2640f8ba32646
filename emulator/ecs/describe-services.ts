import { AwsError } from "../aws-error.ts";
import { textOf, textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { clusterName, existingCluster, findService, serviceArn } from "./names.ts";
import { serviceShape } from "./shapes.ts";

export const describeServices: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  const written = textsOf(input, "services") ?? [];
  const include = textsOf(input, "include") ?? [];
  if (written.length === 0) {
    throw new AwsError("InvalidParameterException", "Services cannot be empty.");
  }
  if (written.length > 10) {
    throw new AwsError("InvalidParameterException", "Services may have at most 10 entries");
  }
  const arns = written.map((service) => serviceArn(world, name, service));
  for (const arn of arns) {
    demandEcs(world, principal, "ecs:DescribeServices", arn, {
      "ecs:cluster": name.arn,
      "ecs:service": arn,
    });
  }
  const cluster = existingCluster(world, name);
  const found = arns.map((arn) => ({ arn, service: findService(cluster, arn) }));
  const definitionArn = (definition: string): string =>
    `arn:aws:ecs:${world.region}:${world.account}:task-definition/${definition}`;
  return {
    services: found.flatMap(({ service }) =>
      service === undefined
        ? []
        : [serviceShape(cluster, service, definitionArn(service.taskDefinition), include)],
    ),
    failures: found.flatMap(({ arn, service }) =>
      service === undefined ? [{ arn, reason: "MISSING" }] : [],
    ),
  };
};
