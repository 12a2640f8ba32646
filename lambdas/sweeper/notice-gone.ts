import type { Place } from "../../core/containers.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { clusterArnOf, readSsmTarget } from "../../core/target.ts";
import type { SweeperPorts } from "../ports.ts";
import { guarded } from "./guarded.ts";
import { noticeEnd } from "./notice-end.ts";

/** As many as DescribeTasks takes. */
const TASKS = 100;

/**
 * Puts on record that sessions are over whose tasks have stopped: the process went with its container, whatever
 * SSM still shows. One look at each hundred tasks of a cluster in which sessions go on; what fails of it
 * is `guarded`, and keeps nothing else from being noticed.
 */
export async function noticeGone(
  ports: SweeperPorts,
  place: Place,
  goingOn: readonly SeenSession[],
): Promise<void> {
  const { partition } = ports.deployment.territory;
  const byCluster = new Map<string, Map<string, SeenSession[]>>();
  for (const seen of goingOn) {
    const target = readSsmTarget(seen.target);
    if (target === undefined) continue;
    const clusterArn = clusterArnOf(partition, place, target.clusterName);
    const tasks = byCluster.get(clusterArn) ?? new Map<string, SeenSession[]>();
    byCluster.set(clusterArn, tasks);
    tasks.set(target.taskId, [...(tasks.get(target.taskId) ?? []), seen]);
  }
  for (const [clusterArn, tasks] of byCluster) {
    if (!ports.deployment.clusters.includes(clusterArn)) continue;
    const ids = [...tasks.keys()];
    for (let from = 0; from < ids.length; from += TASKS) {
      const some = ids.slice(from, from + TASKS);
      const described = await guarded(ports, `tasks of ${clusterArn} could not be looked at`, () =>
        ports.containers.describeTasks(place, clusterArn, some),
      );
      if (described === undefined) continue;
      const runs = new Set(
        described
          .filter(({ lastStatus }) => lastStatus !== "STOPPED")
          .map(({ taskArn }) => taskArn.split("/").at(-1)),
      );
      for (const id of some.filter((one) => !runs.has(one))) {
        for (const seen of tasks.get(id) ?? []) {
          await guarded(ports, "the end of a session could not be recorded", () =>
            noticeEnd(ports, seen, "task-stopped"),
          );
        }
      }
    }
  }
}
