import { AwsError } from "../aws-error.ts";
import { textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { clusterName } from "./names.ts";
import { clusterShape } from "./shapes.ts";

/** A cluster that does not exist is a `failure` here, not a ClusterNotFoundException. */
export const describeClusters: Operation = (world, principal, input) => {
  const written = textsOf(input, "clusters") ?? ["default"];
  const include = textsOf(input, "include") ?? [];
  if (written.length === 0 || written.length > 100) {
    throw new AwsError("InvalidParameterException", "Clusters must have between 1 and 100 entries");
  }
  const names = written.map((name) => clusterName(world, name));
  for (const { arn } of names) {
    demandEcs(world, principal, "ecs:DescribeClusters", arn, { "ecs:cluster": arn });
  }
  const found = names.map(({ arn }) => ({
    arn,
    cluster: world.fleet.clusters.find((cluster) => cluster.arn === arn),
  }));
  return {
    clusters: found.flatMap(({ cluster }) =>
      cluster === undefined ? [] : [clusterShape(cluster, include)],
    ),
    failures: found.flatMap(({ arn, cluster }) =>
      cluster === undefined ? [{ arn, reason: "MISSING" }] : [],
    ),
  };
};
