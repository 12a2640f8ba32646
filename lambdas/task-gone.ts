import type { Containers, Place } from "../core/containers.ts";
import { taskIdOf } from "../core/target.ts";

/** Whether ECS shows a task as stopped, or no longer at all: then nothing in it runs. Throws what ECS answers. */
export async function isTaskGone(
  containers: Pick<Containers, "describeTasks">,
  place: Place,
  clusterArn: string,
  taskArn: string,
): Promise<boolean> {
  const [task] = await containers.describeTasks(place, clusterArn, [taskIdOf(taskArn)]);
  return task === undefined || task.lastStatus === "STOPPED";
}
