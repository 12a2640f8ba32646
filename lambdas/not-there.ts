import type { Containers, Task } from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";
import { nearestNames } from "../core/nearest-name.ts";
import { type TargetName, taskIdOf } from "../core/target.ts";
import { type Asker, familiesOf, servicesIn } from "./askable.ts";
import { inNoService } from "./in-no-service.ts";

/** Most names and most tasks that an answer suggests. */
const SUGGESTED = 5;
/** Most tasks that are looked at to find the families of those in no service. */
const TASKS = 100;

const HINT = "`sallyport targets` lists where you may ask";

/**
 * The answer for a target that is missing, and the very same for one the caller may not know of: it is made
 * of what they named and of where they may ask, and of nothing else. A cluster where they may ask for
 * nothing is as absent as one that is not there. `exists` says whether ECS has the cluster at all.
 */
export async function notThere(
  containers: Containers,
  asker: Asker,
  target: TargetName,
  exists: boolean,
): Promise<SallyportError> {
  const names = exists ? await namesIn(containers, asker, target) : [];
  if (names.length === 0) {
    return new SallyportError(
      "cluster_not_found",
      "no such cluster, or no rule lets you ask there",
      { hint: HINT },
    );
  }
  const wanted = target.service ?? target.family;
  if (wanted === undefined) {
    return new SallyportError("task_not_found", "no such task, or no rule lets you ask there", {
      hint: HINT,
    });
  }
  const kind = target.service === undefined ? "family" : "service";
  const nearest = nearestNames(
    wanted,
    names.filter((one) => one.kind === kind).map(({ name }) => name),
    SUGGESTED,
  );
  return new SallyportError(
    "service_not_found",
    "no such service or family, or no rule lets you ask there",
    nearest.length === 0
      ? { hint: HINT }
      : { hint: `nearest where you may ask: ${nearest.join(", ")}`, members: { nearest } },
  );
}

/**
 * The services of a cluster that the caller may ask for; the families too where one of those is wanted, or
 * where there is no such service: it takes several calls more to find them.
 */
async function namesIn(
  containers: Containers,
  asker: Asker,
  target: TargetName,
): Promise<{ kind: "service" | "family"; name: string }[]> {
  const services = await servicesIn(containers, asker, target);
  const named = services
    .filter(({ may }) => may)
    .map(({ service }) => ({ kind: "service" as const, name: service.serviceName }));
  if (named.length > 0 && target.family === undefined) return named;
  const { place, clusterArn } = target;
  const arns = await containers.listTasks(place, clusterArn, { cluster: true });
  const tasks = await containers.describeTasks(place, clusterArn, arns.slice(0, TASKS));
  const alone = await inNoService(containers, target, tasks);
  const families = await familiesOf(containers, asker, target, alone);
  return [...named, ...families.map(({ family }) => ({ kind: "family" as const, name: family }))];
}

/** A task that is not among those of a service or family where the caller may ask; `there` run there. */
export function noSuchTask(there: Task[]): SallyportError {
  return new SallyportError(
    "task_not_found",
    "no such task, or no rule lets you ask there",
    instead(there),
  );
}

/** A task that has stopped or has not started, where the caller may ask; `there` run beside it. */
export function notRunning(task: Task | undefined, there: Task[]): SallyportError {
  return new SallyportError(
    "task_not_running",
    `the task is ${task?.lastStatus ?? "gone"}`,
    instead(there),
  );
}

/** Up to five tasks to name instead, the newest first. */
function instead(there: Task[]): { hint: string; members?: { tasks: string[] } } {
  const tasks = there
    .toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0) || (a.taskArn < b.taskArn ? -1 : 1))
    .slice(0, SUGGESTED)
    .map((task) => task.taskArn);
  if (tasks.length === 0) return { hint: "`sallyport targets` lists the tasks that run" };
  return { hint: `running there: ${tasks.map(taskIdOf).join(", ")}`, members: { tasks } };
}
