import type { Cluster, Task, TaskDefinition } from "./containers.ts";
import { blockingNow, preflight } from "./preflight.ts";

/** A check that fails in some of a service's tasks. */
export interface Problem {
  check: string;
  /** What to do about it in the first of them. */
  remedy: string;
  /** In how many; 0 where no task runs at all. */
  tasks: number;
}

/** In how many of a service's running tasks ECS Exec would work now, and what keeps it from the others. */
export interface Readiness {
  running: number;
  ready: number;
  /** What fails in most tasks comes first. */
  problems: Problem[];
}

/**
 * Sums up preflight over the tasks of one service: a task is ready where each of its containers is, as far as
 * ECS tells. What is still starting is not ready yet.
 */
export function readinessOf(
  cluster: Cluster,
  tasks: readonly Task[],
  definitions: readonly TaskDefinition[],
): Readiness {
  const problems = new Map<string, Problem>();
  const note = (check: string, remedy: string, by: number): void => {
    const known = problems.get(check) ?? { check, remedy, tasks: 0 };
    problems.set(check, { ...known, tasks: known.tasks + by });
  };
  if (tasks.length === 0) {
    const found = preflight({ cluster, task: undefined, container: "", definitions });
    for (const { check, remedy } of blockingNow(found)) note(check, remedy, 0);
  }
  let ready = 0;
  for (const task of tasks) {
    const failing = new Map(
      task.containers.flatMap(({ name }) =>
        blockingNow(preflight({ cluster, task, container: name, definitions })).map(
          ({ check, remedy }): [string, string] => [check, remedy],
        ),
      ),
    );
    for (const [check, remedy] of failing) note(check, remedy, 1);
    if (failing.size === 0) ready++;
  }
  return {
    running: tasks.length,
    ready,
    problems: [...problems.values()].toSorted(
      (a, b) => b.tasks - a.tasks || (a.check < b.check ? -1 : 1),
    ),
  };
}
