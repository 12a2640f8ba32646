import type { Containers, Place, Task } from "../core/containers.ts";
import type { Resource } from "../core/policy-engine.ts";

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

type FamilyResource = Exclude<Resource, { kind: "gateway" }>;

/** What the rules judge such tasks as: ECS has no ARN for a family in a cluster, so this is ours. */
export function familyResource(
  clusterArn: string,
  base: Omit<FamilyResource, "kind" | "id">,
): FamilyResource {
  return { kind: "family", id: `${clusterArn}/family/${base.name}`, ...base };
}
