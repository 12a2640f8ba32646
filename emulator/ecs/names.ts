import { AwsError } from "../aws-error.ts";
import type { Cluster, Service, Task } from "../fleet.ts";
import type { World } from "../world.ts";

/** A cluster as a request names it; whether it exists is not yet known, and IAM is asked before. */
export interface ClusterName {
  name: string;
  arn: string;
}

/**
 * Resolves a cluster's short name or ARN; omitted means `default`. An ARN of another account or region
 * keeps its ARN and will name nothing here. Throws InvalidParameterException for a name no cluster can
 * have.
 */
export function clusterName(world: World, written: string | undefined): ClusterName {
  if (written === undefined || written === "") return fromName(world, "default");
  const arn = /^arn:aws[a-z-]*:ecs:[a-z0-9-]+:\d{12}:cluster\/([A-Za-z0-9_-]{1,255})$/.exec(
    written,
  );
  if (arn !== null) return { name: arn[1] ?? "", arn: written };
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(written)) {
    throw new AwsError(
      "InvalidParameterException",
      `Cluster must match ^[a-zA-Z0-9\\-_]{1,255}$, but was ${written}`,
    );
  }
  return fromName(world, written);
}

/** The cluster itself. Throws ClusterNotFoundException. */
export function existingCluster(world: World, { arn }: ClusterName): Cluster {
  const found = world.fleet.clusters.find((cluster) => cluster.arn === arn);
  if (found === undefined) throw new AwsError("ClusterNotFoundException", "Cluster not found.");
  return found;
}

/** The long ARN a task's id or ARN stands for. Throws InvalidParameterException as ECS does. */
export function taskArn(world: World, cluster: ClusterName, written: string): string {
  return identifierArn(world, cluster, "task", written, (id) => {
    if (id.length !== 32 && id.length !== 36) {
      throw new AwsError("InvalidParameterException", "task length should be one of [32,36]");
    }
  });
}

/** The ARN a service's name or ARN stands for. Throws InvalidParameterException as ECS does. */
export function serviceArn(world: World, cluster: ClusterName, written: string): string {
  return identifierArn(world, cluster, "service", written, () => undefined);
}

export function findTask(cluster: Cluster | undefined, arn: string): Task | undefined {
  return cluster?.tasks.find((task) => task.arn === arn);
}

export function findService(cluster: Cluster | undefined, arn: string): Service | undefined {
  return cluster?.services.find((service) => service.arn === arn);
}

function identifierArn(
  { region, account }: World,
  cluster: ClusterName,
  kind: "task" | "service",
  written: string,
  checkId: (id: string) => void,
): string {
  const invalid = (message: string): AwsError => new AwsError("InvalidParameterException", message);
  let id = written;
  if (written.startsWith("arn:")) {
    const [, , service, arnRegion, arnAccount, resource = ""] = written.split(":", 6);
    const [type, ...path] = resource.split("/");
    if (service !== "ecs" || type !== kind || path.length < 1 || path.length > 2) {
      throw invalid("Invalid identifier: Unsupported resource type");
    }
    if (arnRegion !== region || arnAccount !== account) {
      throw invalid("Invalid identifier: Identifier is for another region or account");
    }
    // The short form, from before 2018, names no cluster.
    const [owner, last] = path.length === 2 ? path : [cluster.name, path[0]];
    if (owner !== cluster.name) {
      throw invalid(
        `Invalid identifier: Identifier is for cluster ${owner}. Your cluster is ${cluster.name}`,
      );
    }
    id = last ?? "";
  }
  checkId(id);
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(id)) throw invalid(`Invalid identifier: ${kind}`);
  return `arn:aws:ecs:${region}:${account}:${kind}/${cluster.name}/${id}`;
}

function fromName({ region, account }: World, name: string): ClusterName {
  return { name, arn: `arn:aws:ecs:${region}:${account}:cluster/${name}` };
}
