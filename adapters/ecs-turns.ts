import type { Clock } from "../core/clock.ts";
import type { Place } from "../core/containers.ts";

/** Waits until a call of an operation may be sent in a place. */
export type Turn = (place: Place, operation: string) => Promise<void>;

/**
 * Half of the least that ECS gives an account and region for one group of reads, a bucket of 50 refilled with 20
 * a second (its API reference, "Request throttling"): the other half is for everybody else.
 */
const BURST = 25;
const PER_SECOND = 10;

/** Groups that ECS counts together; an operation of none is one by itself. */
const GROUPS: { readonly [operation: string]: string } = {
  DescribeClusters: "clusters",
  ListClusters: "clusters",
  DescribeServices: "services",
  ListServices: "services",
  DescribeTasks: "tasks",
  ListTasks: "tasks",
};

/**
 * Turns for whoever reads much: at most 25 calls of a group at once, and 10 a second after that, in each account
 * and region. For what nobody waits at a prompt for; each function counts for itself.
 */
export function ecsTurns(clock: Clock): Turn {
  const interval = 1_000 / PER_SECOND;
  /** When a bucket that has been drained so far would be full again, by place and group. */
  const fullAt = new Map<string, number>();
  return async ({ account, region }, operation) => {
    const key = `${account}/${region}/${GROUPS[operation] ?? operation}`;
    const now = clock.now();
    const full = Math.max(fullAt.get(key) ?? now, now) + interval;
    fullAt.set(key, full);
    const wait = Math.ceil(full - now - BURST * interval);
    if (wait > 0) await clock.sleep(wait);
  };
}
