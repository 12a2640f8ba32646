import { listTargetsQuery } from "../../api/request-schemas.ts";
import type { Caller } from "../../core/caller.ts";
import { principalOfCaller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import type { Cluster, Service, Task } from "../../core/containers.ts";
import { SallyportError } from "../../core/errors.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import { blocking, preflight } from "../../core/preflight.ts";
import { parseTarget } from "../../core/target.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";

const SERVICES = 500;
const CHUNK = 100;

/** Running tasks the caller may ask for, one cluster a page, with whether ECS Exec would work there. */
export async function listTargets(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listTargetsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = identify(configuration, call.principal, ports.deployment);
  const clusters =
    query.cluster === undefined
      ? [...ports.deployment.clusters].toSorted()
      : [named(ports, query.cluster)];
  const at = query.cursor === undefined ? 0 : Number(query.cursor);
  if (!Number.isInteger(at) || at < 0)
    throw new SallyportError("query_invalid", "that cursor is none of ours");
  const arn = clusters[at];
  const items =
    arn === undefined ? [] : await targetsIn(ports, configuration, caller, arn, query.service);
  return {
    status: 200,
    body: {
      items,
      ...(at + 1 < clusters.length ? { cursor: String(at + 1) } : {}),
      asOf: isoTime(ports.clock.now()),
    },
  };
}

function named(ports: RequestsPorts, cluster: string): string {
  // Any name of a task will do: only the cluster's own spelling is read.
  const parsed = parseTarget({ cluster, family: "x" }, ports.deployment.territory);
  if (parsed.kind === "invalid") {
    throw new SallyportError(parsed.code, parsed.detail, {
      issues: [{ pointer: "?cluster", detail: parsed.detail }],
    });
  }
  return parsed.target.clusterArn;
}

async function targetsIn(
  ports: RequestsPorts,
  configuration: Configuration,
  caller: Caller,
  clusterArn: string,
  only: string | undefined,
): Promise<unknown[]> {
  const parsed = parseTarget({ cluster: clusterArn, family: "x" }, ports.deployment.territory);
  if (parsed.kind === "invalid" || !ports.deployment.clusters.includes(clusterArn)) return [];
  const { place, clusterName } = parsed.target;
  const cluster = await ports.containers.describeCluster(place, clusterArn);
  if (cluster === undefined) return [];
  const services = (await ports.containers.listServices(place, clusterArn, SERVICES)).filter(
    (service) =>
      (only === undefined || only === service.serviceName || only === service.serviceArn) &&
      ports.policy.mayAskThere(configuration, principalOfCaller(caller), {
        kind: "service",
        id: service.serviceArn,
        name: service.serviceName,
        clusterArn,
        clusterName,
        account: place.account,
        region: place.region,
        tags: service.tags,
      }),
  );
  const found = await Promise.all(
    services.map(async (service) => {
      const arns = await ports.containers.listTasks(place, clusterArn, {
        service: service.serviceName,
      });
      const tasks: Task[] = [];
      for (let i = 0; i < arns.length; i += CHUNK) {
        tasks.push(
          ...(await ports.containers.describeTasks(place, clusterArn, arns.slice(i, i + CHUNK))),
        );
      }
      return tasks
        .filter((task) => task.lastStatus === "RUNNING")
        .map((task) => item(cluster, service, task));
    }),
  );
  return found.flat();
}

function item(cluster: Cluster, service: Service, task: Task) {
  const problems = new Set(
    task.containers.flatMap((c) => blocking(preflight(cluster, task, c.name)).map((f) => f.check)),
  );
  return {
    clusterArn: cluster.clusterArn,
    taskArn: task.taskArn,
    service: service.serviceName,
    containers: task.containers.map((c) => c.name),
    exec: { ready: problems.size === 0, problems: [...problems] },
  };
}
