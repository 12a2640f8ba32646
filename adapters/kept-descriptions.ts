import type { Clock } from "../core/clock.ts";
import type { Cluster, Containers, Place, TaskDefinition } from "../core/containers.ts";

/** How long a description is used again. A cluster's settings and a definition's tags may be so old. */
export const KEPT_MS = 30_000;
const MOST = 200;

/**
 * The same containers, with the descriptions of clusters and of numbered task definitions used again for
 * `KEPT_MS`: they change rarely, and each costs an open a call. Services and tasks are always read anew,
 * and so is a family without a number, which names another definition after each deployment. What is not
 * there, and what failed, is asked for again at once.
 */
export function keepingDescriptions(containers: Containers, clock: Pick<Clock, "now">): Containers {
  const clusters = kept<Cluster>(clock);
  const definitions = kept<TaskDefinition>(clock);
  const key = (place: Place, name: string): string => `${place.account}/${place.region}/${name}`;
  return {
    ...containers,
    describeCluster: (place, cluster) =>
      clusters(key(place, cluster), () => containers.describeCluster(place, cluster)),
    describeTaskDefinition: (place, name) =>
      /:[0-9]+$/.test(name)
        ? definitions(key(place, name), () => containers.describeTaskDefinition(place, name))
        : containers.describeTaskDefinition(place, name),
  };
}

function kept<T>(
  clock: Pick<Clock, "now">,
): (key: string, read: () => Promise<T | undefined>) => Promise<T | undefined> {
  const entries = new Map<string, { until: number; value: T }>();
  return async (key, read) => {
    const known = entries.get(key);
    if (known !== undefined && clock.now() < known.until) return known.value;
    entries.delete(key);
    const until = clock.now() + KEPT_MS;
    const value = await read();
    if (value === undefined) return undefined;
    entries.set(key, { until, value });
    const [oldest] = entries.keys();
    if (entries.size > MOST && oldest !== undefined) entries.delete(oldest);
    return value;
  };
}
