import type { Operation } from "../world.ts";
import { demandEcs } from "./authorize-ecs.ts";
import { listPage } from "./list-page.ts";

export const listClusters: Operation = (world, principal, input) => {
  demandEcs(world, principal, "ecs:ListClusters", "*");
  return listPage(
    "clusterArns",
    world.fleet.clusters.map(({ arn }) => arn),
    input,
    100,
  );
};
