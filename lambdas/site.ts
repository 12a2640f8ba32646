import type { Caller } from "../core/caller.ts";
import { isWindows as isWindowsTask } from "../core/checks/task.ts";
import { preferredTask } from "../core/choose-task.ts";
import type { Site } from "../core/consider.ts";
import type { Containers, Place, Service, Task } from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { familyOf, type TargetName } from "../core/target.ts";
import { type Asker, mayAsk } from "./askable.ts";
import { familyResource, inCluster, inNoService, serviceResource } from "./in-no-service.ts";
import { noSuchTask, notRunning, notThere } from "./not-there.ts";
import { otherDefinitionsOf } from "./other-definitions.ts";
import { type CommonPorts, inTerritory } from "./ports.ts";

/** Most tasks that are looked at of one service or family. */
const TASKS = 100;

type Unsettled = Omit<Site, "container"> & {
  missing?: "service" | "task";
  /** Running tasks to name in place of one that is missing or has stopped. */
  others?: () => Promise<Task[]>;
  /** The same for a task that is not there: for a caller who may not know that this one is. */
  asMissing?: () => Promise<Unsettled>;
};

/**
 * What ECS says about a target: its cluster, what the rules judge it as, and the running tasks of it.
 *
 * To a caller who may not ask there, everything answers as if it did not exist; only after that check is
 * anything said of containers and of tasks that have stopped. Without a caller that check is left out: for
 * a target that its requester has been told of already, and that the rules judge next. Throws
 * `service_not_found`, `task_not_found`, `task_not_running`, `container_required`, `container_unknown`.
 */
export async function loadSite(
  ports: Pick<CommonPorts, "policy" | "deployment"> & { containers: Containers },
  configuration: Configuration,
  caller: Caller | undefined,
  target: TargetName,
): Promise<Site> {
  const { containers, policy } = ports;
  const asker = caller === undefined ? undefined : { policy, configuration, caller };
  const looked = inTerritory(ports.deployment, target.place, target.clusterArn)
    ? await lookUp(containers, target, caller === undefined)
    : undefined;
  const found = await known(looked, asker);
  if (found === undefined) {
    throw asker === undefined
      ? new SallyportError("service_not_found", "it is no longer there", {
          hint: "`sallyport targets` lists what is",
        })
      : await notThere(containers, asker, target, looked !== undefined);
  }
  if (found.missing === "task") throw noSuchTask((await found.others?.()) ?? []);
  if (target.taskId !== undefined && found.tasks.every((task) => task.lastStatus !== "RUNNING")) {
    throw notRunning(found.tasks[0], (await found.others?.()) ?? []);
  }
  return { ...found, container: containerOf(found, target) };
}

/** What was found, as far as this caller may know of it. */
async function known(
  looked: Unsettled | undefined,
  asker: Asker | undefined,
): Promise<Unsettled | undefined> {
  const may = (found: Unsettled): boolean => asker === undefined || mayAsk(asker, found.resource);
  if (looked === undefined || looked.missing === "service") return undefined;
  if (may(looked)) {
    const { missing, target } = looked;
    // Of a missing task nobody can say whose it would be, unless it was asked for as somebody's.
    const anybodys = target.service === undefined && target.family === undefined;
    return missing === "task" && anybodys ? undefined : looked;
  }
  return looked.asMissing === undefined ? undefined : await known(await looked.asMissing(), asker);
}

/** `settled`: whose task it is was found out when it was asked for, and a task never changes its service. */
async function lookUp(
  containers: Containers,
  target: TargetName,
  settled: boolean,
): Promise<Unsettled | undefined> {
  const { place, clusterArn } = target;
  const isKnown = settled && target.taskId !== undefined;
  const base = inCluster(target);

  const [cluster, service, listed, asked] = await Promise.all([
    containers.describeCluster(place, clusterArn),
    target.service === undefined
      ? undefined
      : containers.describeService(place, clusterArn, target.service),
    target.service !== undefined && !isKnown
      ? containers.listTasks(place, clusterArn, { service: target.service })
      : target.family !== undefined && !isKnown
        ? containers.listTasks(place, clusterArn, { family: target.family })
        : [],
    target.taskId === undefined ? [] : containers.describeTasks(place, clusterArn, [target.taskId]),
  ]);
  if (cluster === undefined) return undefined;

  if (target.taskId !== undefined) {
    return await lookUpTask(containers, target, {
      cluster,
      service,
      listed: isKnown ? undefined : listed,
      task: asked[0],
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
        otherDefinitions: [],
        tasks: [],
        missing: "service",
      };
    }
    const arn =
      service.taskDefinitionArn === "" ? tasks[0]?.taskDefinitionArn : service.taskDefinitionArn;
    const [taskDefinition, otherDefinitions] = await Promise.all([
      arn === undefined ? undefined : containers.describeTaskDefinition(place, arn),
      otherDefinitionsOf(containers, place, tasks, arn),
    ]);
    return {
      target,
      cluster,
      resource: serviceResource(target, service),
      taskDefinitionArn: arn,
      taskDefinition,
      otherDefinitions,
      tasks,
    };
  }
  const family = target.family ?? "";
  const alone = await inNoService(containers, target, tasks);
  const newest = alone.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0];
  const [taskDefinition, otherDefinitions] = await Promise.all([
    containers.describeTaskDefinition(place, newest?.taskDefinitionArn ?? family),
    otherDefinitionsOf(containers, place, alone, newest?.taskDefinitionArn),
  ]);
  return {
    target,
    cluster,
    resource: familyResource(clusterArn, base(family, taskDefinition?.tags ?? {})),
    taskDefinitionArn: newest?.taskDefinitionArn ?? taskDefinition?.taskDefinitionArn,
    taskDefinition,
    otherDefinitions,
    tasks: alone,
    ...(taskDefinition === undefined ? { missing: "service" as const } : {}),
  };
}

/**
 * A task named by the caller is judged as its service's, where ECS itself lists it there. A service lists no
 * task that has stopped: there the group is believed, for such a task can only be refused.
 */
async function lookUpTask(
  containers: Containers,
  target: TargetName,
  known: {
    cluster: Site["cluster"];
    service: Service | undefined;
    /** Undefined where that it is the service's, or no service's, is known. */
    listed: string[] | undefined;
    task: Task | undefined;
  },
): Promise<Unsettled> {
  const { place, clusterArn } = target;
  const { cluster, service, listed } = known;
  const task = known.task?.clusterArn === clusterArn ? known.task : undefined;
  const runs = task?.lastStatus === "RUNNING";
  const hinted = /^service:(.+)$/.exec(task?.group ?? "")?.[1];
  const nothing = {
    target,
    cluster,
    resource: familyResource(clusterArn, inCluster(target)("", {})),
    taskDefinitionArn: undefined,
    taskDefinition: undefined,
    otherDefinitions: [],
    tasks: [],
  };
  const beside = (arns: string[]) => () => running(containers, target, arns);

  if (target.service !== undefined) {
    if (service === undefined) return { ...nothing, missing: "service" };
    const resource = serviceResource(target, service);
    const others = beside(listed ?? []);
    const its =
      task !== undefined &&
      (listed === undefined || (runs ? listed.includes(task.taskArn) : hinted === target.service));
    if (!its) return { ...nothing, resource, missing: "task", others };
    return { ...nothing, ...(await definitionOf(containers, place, task)), resource, others };
  }
  const { family: named } = target;
  const notInFamily = async (name: string): Promise<Unsettled> => {
    const definition = await containers.describeTaskDefinition(place, name);
    if (definition === undefined) return { ...nothing, missing: "service" };
    return {
      ...nothing,
      resource: familyResource(clusterArn, inCluster(target)(name, definition.tags)),
      missing: "task",
      others: async () => await inNoService(containers, target, await beside(listed ?? [])()),
    };
  };
  if (named !== undefined && (task === undefined || familyOf(task.taskDefinitionArn) !== named)) {
    return await notInFamily(named);
  }
  if (task === undefined) return { ...nothing, missing: "task" };
  const settled = { ...nothing, ...(await definitionOf(containers, place, task)) };
  // The group is the caller's text in RunTask: a hint at where to look, and never the answer.
  if (hinted !== undefined && listed !== undefined) {
    const [itsService, tasks] = await Promise.all([
      containers.describeService(place, clusterArn, hinted),
      containers.listTasks(place, clusterArn, { service: hinted }),
    ]);
    if (itsService !== undefined && (!runs || tasks.includes(task.taskArn))) {
      return {
        ...settled,
        resource: serviceResource(target, itsService),
        others: beside(tasks),
        ...(named === undefined ? {} : { asMissing: () => notInFamily(named) }),
      };
    }
  }
  const family = familyOf(task.taskDefinitionArn);
  const { tags = {} } = settled.taskDefinition ?? {};
  return {
    ...settled,
    resource: familyResource(clusterArn, inCluster(target)(family, tags)),
    others: async () =>
      await inNoService(
        containers,
        target,
        await beside(await containers.listTasks(place, clusterArn, { family }))(),
      ),
  };
}

async function definitionOf(containers: Containers, place: Place, task: Task) {
  return {
    taskDefinitionArn: task.taskDefinitionArn,
    taskDefinition: await containers.describeTaskDefinition(place, task.taskDefinitionArn),
    tasks: [task],
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
  return isWindowsTask(preferredTask(site.tasks, site.container) ?? {});
}
