import { textOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { listPage } from "./list-page.ts";
import { clusterName, existingCluster } from "./names.ts";

/** IAM knows no resource for ListServices, only the condition key `ecs:cluster`. */
export const listServices: Operation = (world, principal, input) => {
  const name = clusterName(world, textOf(input, "cluster"));
  demandEcs(world, principal, "ecs:ListServices", "*", { "ecs:cluster": name.arn });
  const { services } = existingCluster(world, name);
  return listPage(
    "serviceArns",
    services.map(({ arn }) => arn),
    input,
    10,
  );
};
