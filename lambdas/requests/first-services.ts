import type { z } from "zod";
import type { serviceListSchema } from "../../api/response-schemas.ts";
import type {
  Cluster,
  Containers,
  Place,
  Service,
  Task,
  TaskDefinition,
} from "../../core/containers.ts";
import { readinessOf } from "../../core/readiness.ts";

/** Most services that are looked at together, so that their tasks are described in as few calls as there may be. */
const SERVICES = 10;
/** A service with more tasks than this ends a round. */
const TASKS = 500;
/** Most tasks ECS describes in one call. */
const CHUNK = 100;
/** Most definitions that are looked at of one service; of tasks of another revision they say nothing. */
const REVISIONS = 4;
/** Definitions that are asked for at once. */
const AT_ONCE = 4;

/** One cluster as far as it has been looked at. */
export interface LookedAt {
  overview: Containers;
  place: Place;
  cluster: Cluster;
  /** Read before, by ARN; undefined where it is not there. */
  definitions: Map<string, TaskDefinition | undefined>;
}

/**
 * The first of some services of a cluster, one at least and ten at most, with in how many of their tasks ECS Exec
 * would work: a call for each service's list, one for each hundred tasks, and one for each definition.
 */
export async function firstServices(
  looked: LookedAt,
  services: readonly Service[],
): Promise<z.infer<typeof serviceListSchema>["items"]> {
  const { overview, place, cluster } = looked;
  const listed: { service: Service; arns: string[] }[] = [];
  let count = 0;
  for (const service of services.slice(0, SERVICES)) {
    // ECS itself says whose tasks they are: their group is what somebody wrote.
    const arns = await overview.listTasks(place, cluster.clusterArn, {
      service: service.serviceName,
    });
    listed.push({ service, arns });
    count += arns.length;
    if (count >= TASKS) break;
  }
  const described = new Map<string, Task>();
  const all = listed.flatMap(({ arns }) => arns);
  for (let i = 0; i < all.length; i += CHUNK) {
    const tasks = await overview.describeTasks(place, cluster.clusterArn, all.slice(i, i + CHUNK));
    for (const task of tasks) described.set(task.taskArn, task);
  }
  const found = listed.map(({ service, arns }) => {
    // One that has ended between the two calls is no longer of the service.
    const tasks = arns.flatMap((arn) => described.get(arn) ?? []).filter(isThere);
    const revisions = [...new Set(tasks.map((task) => task.taskDefinitionArn))].slice(0, REVISIONS);
    return { service, tasks, revisions };
  });
  await readDefinitions(looked, [...new Set(found.flatMap(({ revisions }) => revisions))]);
  return found.map(({ service, tasks, revisions }) => {
    const definitions = revisions.flatMap((arn) => looked.definitions.get(arn) ?? []);
    const { running, ready, problems } = readinessOf(cluster, tasks, definitions);
    return {
      clusterArn: cluster.clusterArn,
      service: service.serviceName,
      tags: service.tags,
      tasks: { running, ready },
      problems,
    };
  });
}

function isThere({ lastStatus }: Task): boolean {
  return lastStatus !== "STOPPED" && lastStatus !== "DEPROVISIONING";
}

async function readDefinitions(
  { overview, place, definitions }: LookedAt,
  arns: readonly string[],
): Promise<void> {
  const wanted = arns.filter((arn) => !definitions.has(arn));
  const next = wanted.values();
  const read = async (): Promise<void> => {
    for (const arn of next) {
      definitions.set(arn, await overview.describeTaskDefinition(place, arn));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
}
