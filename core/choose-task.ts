import type { CardTarget } from "./card.ts";
import type { Task, TaskContainer } from "./containers.ts";

export interface Chosen {
  task: Task;
  container: TaskContainer & { runtimeId: string };
  /** Why this one, for the record. */
  why: string;
}

/** A task whose container could take a session, as far as ECS says. */
function agentRuns(task: Task, container: string): boolean {
  const found = task.containers.find((c) => c.name === container);
  return task.enableExecuteCommand && found?.execAgent?.lastStatus === "RUNNING";
}

/**
 * The task of a service or family to look at: one whose exec agent runs in that container, then the
 * newest, then by ARN, so that the same tasks always give the same choice.
 */
export function preferredTask(tasks: Task[], container: string): Task | undefined {
  return tasks
    .filter(
      (task) => task.lastStatus === "RUNNING" && task.containers.some((c) => c.name === container),
    )
    .toSorted(
      (a, b) =>
        Number(agentRuns(b, container)) - Number(agentRuns(a, container)) ||
        (b.createdAt ?? 0) - (a.createdAt ?? 0) ||
        (a.taskArn < b.taskArn ? -1 : 1),
    )[0];
}

export type Choice = { kind: "chosen"; chosen: Chosen } | { kind: "changed"; detail: string };

/**
 * Which task an approved request may open now. By task: that very task and container runtime, or none.
 * By service or family: the preferred one among those that match the pin.
 */
export function chooseTask(target: CardTarget, tasks: Task[]): Choice {
  const changed = (detail: string): Choice => ({ kind: "changed", detail });
  const fits = tasks.filter(
    (task) =>
      (target.pinnedRevision === null || task.taskDefinitionArn === target.pinnedRevision) &&
      (target.pinnedImage === null ||
        task.containers.some(
          (c) => c.name === target.container && c.imageDigest === target.pinnedImage,
        )),
  );
  if (fits.length === 0 && tasks.length > 0)
    return changed("no running task is of the pinned revision or image any more");
  const task =
    target.kind === "task"
      ? fits.find((candidate) => candidate.taskArn === target.taskArn)
      : preferredTask(fits, target.container);
  if (task === undefined || task.lastStatus !== "RUNNING") {
    return changed(
      target.kind === "task"
        ? "the approved task is no longer running"
        : "no task is running there any more",
    );
  }
  const container = task.containers.find((c) => c.name === target.container);
  if (container?.runtimeId === undefined) return changed("the approved container is not running");
  if (target.kind === "task" && container.runtimeId !== target.runtimeId) {
    return changed("the container was restarted after the request");
  }
  const ready = agentRuns(task, target.container)
    ? "its exec agent runs"
    : "no task's exec agent runs";
  return {
    kind: "chosen",
    chosen: {
      task,
      container: { ...container, runtimeId: container.runtimeId },
      why:
        target.kind === "task"
          ? "named by the request"
          : `1 of ${fits.length}: ${ready}, newest first`,
    },
  };
}
