import { type Caller, principalOfCaller } from "../../core/caller.ts";
import type { Cluster, Place, Task } from "../../core/containers.ts";
import type { Configuration, Resource } from "../../core/policy-engine.ts";
import { blocking, preflight } from "../../core/preflight.ts";
import { familyOf, parseTarget } from "../../core/target.ts";
import { familyResource, inCluster, serviceResource } from "../in-no-service.ts";
import type { RequestsPorts } from "../ports.ts";

const SERVICES = 500;
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
  const parsed = parseTarget({ cluster: clusterArn, family: "x" }, ports.deployment.territory);
  if (parsed.kind === "invalid" || !ports.deployment.clusters.includes(clusterArn)) return [];
  const { place } = parsed.target;
  const { containers } = ports;
  const cluster = await containers.describeCluster(place, clusterArn);
  if (cluster === undefined) return [];
  const base = inCluster(parsed.target);
  const may = (resource: Resource): boolean =>
    ports.policy.mayAskThere(configuration, principalOfCaller(caller), resource);

  const [services, arns] = await Promise.all([
    only === undefined
      ? containers.listServices(place, clusterArn, SERVICES)
      : [await containers.describeService(place, clusterArn, only)].filter((s) => s !== undefined),
    containers.listTasks(
      place,
      clusterArn,
      only === undefined ? { cluster: true } : { service: only },
    ),
  ]);
  const named = new Map(services.map((service) => [service.serviceName, service]));
  const tasks = await running(ports, place, clusterArn, arns);
  const ofService = Map.groupBy(tasks, (task) => {
    const hinted = /^service:(.+)$/.exec(task.group ?? "")?.[1];
    return hinted === undefined ? undefined : named.get(hinted);
  });
  const items = services
    .filter((service) => may(serviceResource(parsed.target, service)))
    .flatMap((service) =>
      (ofService.get(service) ?? []).map((task) =>
        item(cluster, task, { service: service.serviceName }),
      ),
    );
  if (only !== undefined) return items;

  const families = Map.groupBy(ofService.get(undefined) ?? [], (task) =>
    familyOf(task.taskDefinitionArn),
  );
  const ofFamilies = await Promise.all(
    [...families].map(async ([family, alone]) => {
      const newest = alone.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0];
      const definition = await containers.describeTaskDefinition(
        place,
        newest?.taskDefinitionArn ?? family,
      );
      return may(familyResource(clusterArn, base(family, definition?.tags ?? {})))
        ? alone.map((task) => item(cluster, task, { family }))
        : [];
    }),
  );
  return [...items, ...ofFamilies.flat()];
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

function item(cluster: Cluster, task: Task, of: { service: string } | { family: string }) {
  const problems = new Set(
    task.containers.flatMap((c) => blocking(preflight(cluster, task, c.name)).map((f) => f.check)),
  );
  return {
    clusterArn: cluster.clusterArn,
    taskArn: task.taskArn,
    ...of,
    containers: task.containers.map((c) => c.name),
    exec: { ready: problems.size === 0, problems: [...problems] },
  };
}
