import { AwsError } from "./aws-error.ts";

/** How often an account may call in a region. */
export interface Throttle {
  /** Counts one call. Throws ThrottlingException where it is one too many. */
  take(place: string, operation: string): void;
}

export const noThrottle: Throttle = { take: () => undefined };

/**
 * ECS's API reference, "Request throttling": calls of an account in a region take from a bucket for each group of
 * operations. For reads of clusters it names 50 tokens and 20 a second; the other groups of reads have as much or
 * more, and are held to the same here.
 */
const BUCKET = 50;
const PER_SECOND = 20;

const GROUPS: { readonly [operation: string]: string } = {
  DescribeClusters: "cluster",
  ListClusters: "cluster",
  DescribeServices: "service",
  ListServices: "service",
  DescribeTasks: "cluster resource",
  ListTasks: "cluster resource",
  DescribeTaskDefinition: "task definition",
};

export function ecsThrottle(now: () => number): Throttle {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(place, operation) {
      const group = GROUPS[operation];
      if (group === undefined) return;
      const key = `${place}/${group}`;
      const { tokens, at } = buckets.get(key) ?? { tokens: BUCKET, at: now() };
      const filled = Math.min(BUCKET, tokens + ((now() - at) * PER_SECOND) / 1_000);
      if (filled < 1) {
        buckets.set(key, { tokens: filled, at: now() });
        throw new AwsError("ThrottlingException", "Rate exceeded");
      }
      buckets.set(key, { tokens: filled - 1, at: now() });
    },
  };
}
