import { parseTarget, type TargetName } from "../../core/target.ts";
import { misnamed } from "../misnamed.ts";
import type { Deployment } from "../ports.ts";

/**
 * The clusters a list goes through, one a page: the one that is asked for, whether or not it is the gateway's, or
 * all of them. Throws `cluster_invalid`.
 */
export function clustersNamed(deployment: Deployment, cluster: string | undefined): string[] {
  if (cluster === undefined) return [...deployment.clusters].toSorted();
  const parsed = parseTarget({ cluster, ...ANY }, deployment.territory);
  if (parsed.kind === "target") return [parsed.target.clusterArn];
  throw misnamed(parsed, "?cluster");
}

/** Where a cluster is; undefined where it is none of the gateway's. */
export function clusterPlace(
  { territory, clusters }: Deployment,
  clusterArn: string,
): TargetName | undefined {
  const parsed = parseTarget({ cluster: clusterArn, ...ANY }, territory);
  return parsed.kind === "target" && clusters.includes(clusterArn) ? parsed.target : undefined;
}

/** Any name of a family will do: only the cluster's own spelling is read. */
const ANY = { family: "x" };
