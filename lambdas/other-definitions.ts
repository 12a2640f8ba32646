import type { Containers, Place, Task, TaskDefinition } from "../core/containers.ts";

/** Most revisions that are looked at besides the one the service is at; checks of others say `not_checked`. */
const MOST = 3;

/** During a deployment tasks of several revisions run, and each is what its own says. */
export async function otherDefinitionsOf(
  containers: Containers,
  place: Place,
  tasks: Task[],
  known: string | undefined,
): Promise<TaskDefinition[]> {
  const newestFirst = tasks.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
  const arns = [...new Set(newestFirst.map((task) => task.taskDefinitionArn))]
    .filter((arn) => arn !== known)
    .slice(0, MOST);
  const found = await Promise.all(arns.map((arn) => containers.describeTaskDefinition(place, arn)));
  return found.filter((definition) => definition !== undefined);
}
