import type { Containers, Place, Service, Task } from "../core/containers.ts";
import type { Resource } from "../core/policy-engine.ts";
import type { TargetName } from "../core/target.ts";

/** Tasks that no service lists: a service's task is asked for by its service, and judged as it. */
export async function inNoService(
  containers: Containers,
  { place, clusterArn }: { place: Place; clusterArn: string },
  tasks: Task[],
): Promise<Task[]> {
  // The group is the caller's text in RunTask: a hint at where to look, and never the answer.
  const names = new Set(
    tasks.flatMap((task) => /^service:(.+)$/.exec(task.group ?? "")?.[1] ?? []),
  );
  const listed = await Promise.all(
    [...names].map((service) => containers.listTasks(place, clusterArn, { service })),
  );
  const inServices = new Set(listed.flat());
  return tasks.filter((task) => !inServices.has(task.taskArn));
}

type PlacedResource = Exclude<Resource, { kind: "gateway" }>;
type Placed = Omit<PlacedResource, "kind" | "id">;
type Where = Pick<TargetName, "place" | "clusterArn" | "clusterName">;

/** What the rules are told of any service or family of a cluster, beside which it is. */
export function inCluster({ place, clusterArn, clusterName }: Where) {
  return (name: string, tags: { [key: string]: string }): Placed => ({
    name,
    clusterArn,
    clusterName,
    account: place.account,
    region: place.region,
    tags,
  });
}

export function serviceResource(where: Where, service: Service): PlacedResource {
  const { serviceArn, serviceName, tags } = service;
  return { kind: "service", id: serviceArn, ...inCluster(where)(serviceName, tags) };
}

/** What the rules judge tasks of no service as: ECS has no ARN for a family in a cluster, so this is ours. */
export function familyResource(clusterArn: string, base: Placed): PlacedResource {
  return { kind: "family", id: `${clusterArn}/family/${base.name}`, ...base };
}
