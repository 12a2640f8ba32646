import type { Place } from "../containers.ts";
import { roleArn } from "../roles.ts";
import { clusterArnOf } from "../target.ts";
import type { SeenCaller } from "./seen-call.ts";

/** What the watcher has to know of its deployment. */
export interface Guarded {
  partition: string;
  /** The account of the gateway itself. */
  home: string;
  /** ARNs of the clusters it is configured for. */
  clusters: readonly string[];
}

/** The role for when the gateway is down: outside it, and each use is told of. */
export const LAST_RESORT = "sallyport-last-resort";

/** The ARN of a role of ours in an account. */
export function ours({ partition }: Guarded, account: string, name: string): string {
  return roleArn(partition, account, name);
}

/** Whether the gateway has roles in an account: in its home, and where its clusters are. */
export function isOurAccount({ home, clusters }: Guarded, account: string): boolean {
  return account === home || clusters.some((arn) => arn.split(":")[4] === account);
}

/** Whether a cluster, by name or ARN, is one of the gateway's. What is not named may be. */
export function isGuarded(guarded: Guarded, place: Place, cluster: string | null): boolean {
  if (cluster === null) return true;
  const arn = cluster.startsWith("arn:")
    ? cluster
    : clusterArnOf(guarded.partition, place, cluster);
  return guarded.clusters.includes(arn);
}

/**
 * Whether a role's session called. Of a call into another account its CloudTrail names no role of the caller's, only
 * the account: the caller's own has it in full.
 */
export function isByRole(
  guarded: Guarded,
  place: Place,
  caller: SeenCaller,
  arns: readonly string[],
): boolean {
  if (caller.arn !== null) return arns.includes(caller.arn);
  return place.account !== guarded.home && caller.account === guarded.home;
}
