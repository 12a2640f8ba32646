import { Failure } from "./failure.ts";
import type { Target } from "./target.ts";

const NOT_THERE: readonly string[] = ["cluster_not_found", "service_not_found", "task_not_found"];

/**
 * Where nothing was found and no cluster was named: says where it was looked for. ECS's own default is
 * easily forgotten by whoever has a cluster in mind.
 */
export function withDefaultCluster(error: unknown, { cluster }: Pick<Target, "cluster">): unknown {
  if (cluster !== undefined || !(error instanceof Failure)) return error;
  if (!NOT_THERE.includes(error.problem?.code ?? "")) return error;
  return error.withHints(
    "no cluster was named, so `default` was looked in: name it as CLUSTER/SERVICE, or with --cluster",
  );
}
