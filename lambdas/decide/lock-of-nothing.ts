import type { Containers } from "../../core/containers.ts";
import type { LockSubject } from "../../core/locks.ts";
import { nearestName } from "../../core/nearest-name.ts";
import { clusterArnOf, parseArn } from "../../core/target.ts";
import type { DecidePorts } from "../ports.ts";

/** Whoever locks waits no longer than this for a warning: the lock is on record already. */
const LOOK_MS = 2_000;
const MOST_NAMES = 500;

/**
 * What to say of a lock that is on record and stops nothing, for ECS has no such service or task: a name that is
 * misspelt looks like one that is locked. Undefined where there is one, and where that could not be seen in time:
 * what is down has to be locked too.
 */
export async function warningOfNothing(
  { containers, clock }: Pick<DecidePorts, "containers" | "clock">,
  subject: LockSubject,
): Promise<string | undefined> {
  return await Promise.race([
    nothingThere(containers, subject).catch(() => undefined),
    clock.sleep(LOOK_MS).then(() => undefined),
  ]);
}

async function nothingThere(
  containers: Containers,
  { kind, id }: LockSubject,
): Promise<string | undefined> {
  const arn = parseArn(id);
  const [cluster, name] = arn?.parts ?? [];
  if (arn === undefined || cluster === undefined || name === undefined) return undefined;
  const { partition, place } = arn;
  const clusterArn = clusterArnOf(partition, place, cluster);
  if (kind === "task") {
    const found = await containers.describeTasks(place, clusterArn, [name]);
    return found.length > 0 ? undefined : `ECS has no task ${name} in ${cluster}`;
  }
  if ((await containers.describeService(place, clusterArn, name)) !== undefined) return undefined;
  const services = await containers.listServices(place, clusterArn, MOST_NAMES);
  const nearest = nearestName(
    name,
    services.map(({ serviceName }) => serviceName),
  );
  const meant = nearest === undefined ? "" : `; the nearest name is ${nearest}`;
  return `ECS has no service ${name} in ${cluster}${meant}`;
}
