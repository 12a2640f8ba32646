import { type Caller, principalOfCaller } from "../core/caller.ts";
import type { Containers, Place, Service, Task } from "../core/containers.ts";
import type { Configuration, PolicyEngine, Resource } from "../core/policy-engine.ts";
import { familyOf } from "../core/target.ts";
import { familyResource, inCluster, serviceResource } from "./in-no-service.ts";

/** Most services that are looked at of one cluster. */
const SERVICES = 500;

/** A cluster as ECS is asked for it. */
export interface ClusterName {
  place: Place;
  clusterArn: string;
  clusterName: string;
}

/** What the rules judge and who asks: the right to ask somewhere is theirs together. */
export interface Asker {
  policy: PolicyEngine;
  configuration: Configuration;
  caller: Caller;
}

/** Whether some rule may let this caller ask there, whatever for. */
export function mayAsk({ policy, configuration, caller }: Asker, resource: Resource): boolean {
  return policy.mayAskThere(configuration, principalOfCaller(caller), resource);
}

/** Every service of a cluster, with whether the caller may ask for it. */
export async function servicesIn(
  containers: Containers,
  asker: Asker,
  cluster: ClusterName,
): Promise<{ service: Service; may: boolean }[]> {
  const services = await containers.listServices(cluster.place, cluster.clusterArn, SERVICES);
  return services.map((service) => ({
    service,
    may: mayAsk(asker, serviceResource(cluster, service)),
  }));
}

/** The families of tasks that belong to no service, with those tasks, as far as the caller may ask for them. */
export async function familiesOf(
  containers: Containers,
  asker: Asker,
  cluster: ClusterName,
  inNoService: Task[],
): Promise<{ family: string; tags: { [key: string]: string }; tasks: Task[] }[]> {
  const found = await Promise.all(
    [...Map.groupBy(inNoService, (task) => familyOf(task.taskDefinitionArn))].map(
      async ([family, tasks]) => {
        const newest = tasks.toSorted((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0))[0];
        const definition = await containers.describeTaskDefinition(
          cluster.place,
          newest?.taskDefinitionArn ?? family,
        );
        const resource = familyResource(
          cluster.clusterArn,
          inCluster(cluster)(family, definition?.tags ?? {}),
        );
        return mayAsk(asker, resource) ? [{ family, tags: resource.tags, tasks }] : [];
      },
    ),
  );
  return found.flat();
}
