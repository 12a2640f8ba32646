import { lastPart } from "./target.ts";

/**
 * How a list calls its clusters: by name while all of them are of one account and region, else each by its ARN.
 * A name alone is taken for a cluster of the gateway's own, so that the ARN is what to type with `--cluster`.
 */
export function clusterLabels(arns: readonly string[]): (arn: string) => string {
  const places = new Set(arns.map((arn) => arn.slice(0, arn.lastIndexOf("/"))));
  return places.size > 1 ? (arn) => arn : lastPart;
}
