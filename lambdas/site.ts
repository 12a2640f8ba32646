import type { Site } from "../core/ask.ts";
import type { Caller } from "../core/caller.ts";
import { principalOfCaller } from "../core/caller.ts";
import { preferredTask } from "../core/choose-task.ts";
import type { Containers, Service, Task } from "../core/containers.ts";
import { type ErrorCode, SallyportError } from "../core/errors.ts";
import type { Configuration, PolicyEngine, Resource } from "../core/policy-engine.ts";
import { familyOf, type TargetName } from "../core/target.ts";
import { familyResource, inCluster, inNoService, serviceResource } from "./in-no-service.ts";
import { type CommonPorts, inTerritory } from "./ports.ts";

/** Most tasks that are looked at of one service or family. */
const TASKS = 100;

type Unsettled = Omit<Site, "container"> & { missing?: "service" | "task" };

/**
 * What ECS says about a target: its cluster, what the rules judge it as, and the running tasks of it.
 *
 * To a caller who may not ask there, everything answers as if it did not exist; only after that check is
 * anything said of containers and of tasks that have stopped. Without a caller that check is left out: for
 * a target that its requester has been told of already, and that the rules judge next. Throws `cluster_not_found`,
 * `service_not_found`, `task_not_found`, `task_not_running`, `container_required`, `container_unknown`.
 */
export async function loadSite(
  ports: Pick<CommonPorts, "policy" | "deployment"> & { containers: Containers },
  configuration: Configuration,
  caller: Caller | undefined,
  target: TargetName,
): Promise<Site> {
  const found = inTerritory(ports.deployment, target.place, target.clusterArn)
    ? await lookUp(ports.containers, target)
    : undefined;
  if (
    found === undefined ||
    (caller !== undefined && !mayAsk(ports.policy, configuration, caller, found.resource))
  ) {
    throw notThere(target, found === undefined ? "cluster" : found.missing);
  }
  if (found.missing !== undefined) throw notThere(target, found.missing);
  if (target.taskId !== undefined && found.tasks.every((task) => task.lastStatus !== "RUNNING")) {
    throw new SallyportError(
      "task_not_running",
      `the task is ${found.tasks[0]?.lastStatus ?? "gone"}`,
      {
        hint: "`sallyport targets` lists the tasks that run",
      },
    );
  }
  return { ...found, container: containerOf(found, target) };
}

function mayAsk(
  policy: PolicyEngine,
  configuration: Configuration,
  caller: Caller,
  resource: Resource,
): boolean {
  return policy.mayAskThere(configuration, principalOfCaller(caller), resource);
}

/**
 * The same words for what is missing and for what the caller may not know of. A cluster where the caller
 * may ask nothing is as absent as one that does not exist, so what was asked for in it decides the code.
 */
function notThere(
  target: TargetName,
  missing: "cluster" | "service" | "task" | undefined,
): SallyportError {
  const what: [ErrorCode, string] =
    missing === "cluster" && target.taskId === undefined && target.service === undefined
      ? ["cluster_not_found", "no such cluster, or no rule lets you ask there"]
      : target.taskId !== undefined
        ? ["task_not_found", "no such task, or no rule lets you ask there"]
        : ["service_not_found", "no such service or family, or no rule lets you ask there"];
  return new SallyportError(what[0], what[1], {
    hint: "`sallyport targets` lists where you may ask",
  });
}

async function lookUp(containers: Containers, target: TargetName): Promise<Unsettled | undefined> {
  const { place, clusterArn } = target;
  const base = inCluster(target);
  const ofService = (service: Service): Site["resource"] => serviceResource(target, service);

  const [cluster, service, listed, asked] = await Promise.all([
    containers.describeCluster(place, clusterArn),
    target.service === undefined
      ? undefined
      : containers.describeService(place, clusterArn, target.service),
    target.service !== undefined
      ? containers.listTasks(place, clusterArn, { service: target.service })
      : target.family !== undefined
        ? containers.listTasks(place, clusterArn, { family: target.family })
        : [],
    target.taskId === undefined ? [] : containers.describeTasks(place, clusterArn, [target.taskId]),
  ]);
  if (cluster === undefined) return undefined;

  if (target.taskId !== undefined) {
    return await lookUpTask(containers, target, {
      cluster,
      service,
      listed,
      task: asked[0],
      ofService,
      base,
    });
  }
  const tasks = await running(containers, target, listed);
  if (target.service !== undefined) {
    if (service === undefined) {
      return {
        target,
        cluster,
        resource: { kind: "service", id: "", ...base(target.service, {}) },
        taskDefinitionArn: undefined,
        taskDefinition: undefined,
        tasks: [],
        missing: "service",
      };
    }
    const arn =
      service.taskDefinitionArn === "" ? tasks[0]?.taskDefinitionArn : service.taskDefinitionArn;
    const taskDefinition =
      arn === undefined ? undefined : await containers.describeTaskDefinition(place, arn);
    return {
      target,
      cluster,
      resource: ofService(service),
      taskDefinitionArn: arn,
      taskDefinition,
      tasks,
    };
  }
  const family = target.family ?? "";
  const alone = await inNoService(containers, target, tasks);
  const newest = alone.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0];
  const taskDefinition = await containers.describeTaskDefinition(
    place,
    newest?.taskDefinitionArn ?? family,
  );
  return {
    target,
    cluster,
    resource: familyResource(clusterArn, base(family, taskDefinition?.tags ?? {})),
    taskDefinitionArn: newest?.taskDefinitionArn ?? taskDefinition?.taskDefinitionArn,
    taskDefinition,
    tasks: alone,
    ...(taskDefinition === undefined ? { missing: "service" as const } : {}),
  };
}

/** A task named by the caller is judged as its service's, where ECS itself lists it there. */
async function lookUpTask(
  containers: Containers,
  target: TargetName,
  known: {
    cluster: Site["cluster"];
    service: Service | undefined;
    listed: string[];
    task: Task | undefined;
    ofService: (service: Service) => Site["resource"];
    base: (name: string, tags: { [key: string]: string }) => Omit<Site["resource"], "kind" | "id">;
  },
): Promise<Unsettled> {
  const { place, clusterArn } = target;
  const { cluster, task, ofService, base } = known;
  const nowhere = (missing: "service" | "task"): Unsettled => ({
    target,
    cluster,
    resource: familyResource(clusterArn, base("", {})),
    taskDefinitionArn: undefined,
    taskDefinition: undefined,
    tasks: [],
    missing,
  });
  if (task === undefined || task.clusterArn !== clusterArn) return nowhere("task");
  const taskDefinition = await containers.describeTaskDefinition(place, task.taskDefinitionArn);
  const settled = {
    target,
    cluster,
    taskDefinitionArn: task.taskDefinitionArn,
    taskDefinition,
    tasks: [task],
  };
  if (target.service !== undefined) {
    if (known.service === undefined || !known.listed.includes(task.taskArn)) return nowhere("task");
    return { ...settled, resource: ofService(known.service) };
  }
  // The group is the caller's text in RunTask: a hint at where to look, and never the answer.
  const hinted = /^service:(.+)$/.exec(task.group ?? "")?.[1];
  if (hinted !== undefined) {
    const [service, tasks] = await Promise.all([
      containers.describeService(place, clusterArn, hinted),
      containers.listTasks(place, clusterArn, { service: hinted }),
    ]);
    if (service !== undefined && tasks.includes(task.taskArn))
      return { ...settled, resource: ofService(service) };
  }
  const family = familyOf(task.taskDefinitionArn);
  if (target.family !== undefined && target.family !== family) return nowhere("task");
  return {
    ...settled,
    resource: familyResource(clusterArn, base(family, taskDefinition?.tags ?? {})),
  };
}

async function running(
  containers: Containers,
  target: TargetName,
  arns: string[],
): Promise<Task[]> {
  if (arns.length === 0) return [];
  const tasks = await containers.describeTasks(
    target.place,
    target.clusterArn,
    arns.slice(0, TASKS),
  );
  return tasks.filter(
    (task) => task.lastStatus === "RUNNING" && task.clusterArn === target.clusterArn,
  );
}

function containerOf(site: Unsettled, target: TargetName): string {
  const names = [
    ...new Set([
      ...site.tasks.flatMap((task) => task.containers.map((c) => c.name)),
      ...(site.tasks.length === 0
        ? (site.taskDefinition?.containers.map((c) => c.name) ?? [])
        : []),
    ]),
  ].toSorted();
  if (target.container !== undefined) {
    if (names.includes(target.container)) return target.container;
    throw new SallyportError("container_unknown", "no container of that name runs there", {
      hint: `containers there: ${names.join(", ")}`,
      members: { containers: names },
    });
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new SallyportError("container_required", "several containers run there", {
    hint: `name one: ${names.join(", ")}`,
    members: { containers: names },
  });
}

/** Whether a task there is Windows: its agent does not split commands. */
export function isWindows(site: Site): boolean {
  return (preferredTask(site.tasks, site.container)?.platformFamily ?? "")
    .toUpperCase()
    .startsWith("WINDOWS");
}
