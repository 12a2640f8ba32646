import type { Caller } from "../../core/caller.ts";
import type { Cluster, Containers, Place, Service, Task } from "../../core/containers.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { blocking, preflight } from "../../core/preflight.ts";
import { type Asker, type ClusterName, familiesOf, mayAsk, servicesIn } from "../askable.ts";
import { serviceResource } from "../in-no-service.ts";
import type { RequestsPorts } from "../ports.ts";
import { clusterPlace } from "./clusters-named.ts";

/** Most tasks ECS describes in one call. */
const CHUNK = 100;

/**
 * The running tasks of one cluster that the caller may ask for: those of its services, of one of them if
 * `only` names it, else also those that belong to none, under their family. Empty where the cluster does
 * not exist or is none of the gateway's.
 *
 * Which service a task is of is read from its group, in as many calls as there are hundreds of tasks:
 * asking ECS for each service's tasks would meet its rate limits. A caller of RunTask may have written that
 * group, so a list can be wrong where a request is not: there ECS itself says whose task it is.
 */
export async function targetsIn(
  ports: RequestsPorts,
  configuration: Configuration,
  caller: Caller,
  clusterArn: string,
  only: string | undefined,
): Promise<unknown[]> {
  const target = clusterPlace(ports.deployment, clusterArn);
  if (target === undefined) return [];
  const { place } = target;
  const { containers, policy } = ports;
  const asker = { policy, configuration, caller };
  const cluster = await containers.describeCluster(place, clusterArn);
  if (cluster === undefined) return [];

  const [services, arns] = await Promise.all([
    only === undefined
      ? servicesIn(containers, asker, target)
      : oneService(containers, asker, target, only),
    containers.listTasks(
      place,
      clusterArn,
      only === undefined ? { cluster: true } : { service: only },
    ),
  ]);
  const named = new Map(services.map(({ service }) => [service.serviceName, service]));
  const tasks = await running(ports, place, clusterArn, arns);
  const ofService = Map.groupBy(tasks, (task) => {
    const hinted = /^service:(.+)$/.exec(task.group ?? "")?.[1];
    return hinted === undefined ? undefined : named.get(hinted);
  });
  const items = services
    .filter(({ may }) => may)
    .flatMap(({ service }) =>
      (ofService.get(service) ?? []).map((task) =>
        item(cluster, task, { service: service.serviceName, tags: service.tags }),
      ),
    );
  if (only !== undefined) return items;

  const families = await familiesOf(containers, asker, target, ofService.get(undefined) ?? []);
  return [
    ...items,
    ...families.flatMap(({ family, tags, tasks: alone }) =>
      alone.map((task) => item(cluster, task, { family, tags })),
    ),
  ];
}

async function oneService(
  containers: Containers,
  asker: Asker,
  cluster: ClusterName,
  name: string,
): Promise<{ service: Service; may: boolean }[]> {
  const service = await containers.describeService(cluster.place, cluster.clusterArn, name);
  if (service === undefined || (name !== service.serviceName && name !== service.serviceArn)) {
    return [];
  }
  return [{ service, may: mayAsk(asker, serviceResource(cluster, service)) }];
}

async function running(
  { containers }: RequestsPorts,
  place: Place,
  clusterArn: string,
  arns: string[],
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let i = 0; i < arns.length; i += CHUNK) {
    tasks.push(...(await containers.describeTasks(place, clusterArn, arns.slice(i, i + CHUNK))));
  }
  return tasks.filter((task) => task.lastStatus === "RUNNING");
}

function item(
  cluster: Cluster,
  task: Task,
  of: ({ service: string } | { family: string }) & { tags: { [key: string]: string } },
) {
  const problems = new Set(
    task.containers.flatMap(({ name }) =>
      // Without definitions, which would take a call for each: what they tell is `not_checked` here.
      blocking(preflight({ cluster, task, container: name, definitions: [] })).map((f) => f.check),
    ),
  );
  return {
    clusterArn: cluster.clusterArn,
    taskArn: task.taskArn,
    ...of,
    containers: task.containers.map((c) => c.name),
    exec: { ready: problems.size === 0, problems: [...problems] },
  };
}
