import type { Cluster, TaskDefinition } from "../containers.ts";
import type { PreflightFinding } from "../kinds/asked.ts";
import { failed, notChecked, passed, warning } from "./finding.ts";

/** What DescribeClusters tells of ECS Exec: its key, where transcripts go, and whether those must be encrypted. */
export function clusterChecks(
  cluster: Cluster,
  definition: TaskDefinition | undefined,
  container: string,
): PreflightFinding[] {
  return [
    kmsKey(cluster),
    logging(cluster, definition, container),
    logEncryption(cluster, definition, container),
  ];
}

/**
 * Whether ECS writes a transcript when a session ends: OVERRIDE to the destinations it names, DEFAULT to
 * where the container's awslogs go. Undefined where that takes a definition and there is none.
 */
export function keepsTranscript(
  cluster: Cluster,
  definition: TaskDefinition | undefined,
  container: string,
): boolean | undefined {
  switch (cluster.logging) {
    case "NONE":
      return false;
    case "OVERRIDE":
      return cluster.logDestinations.length > 0;
    case "DEFAULT":
      return definition?.containers.find(({ name }) => name === container)?.awslogs;
  }
}

function kmsKey(cluster: Cluster): PreflightFinding {
  const check = "cluster_kms_key";
  if (cluster.kmsKeyId === undefined) return passed(check);
  return failed(
    check,
    "the cluster encrypts ECS Exec with a customer key, which this version cannot open; " +
      "choose a cluster without executeCommandConfiguration.kmsKeyId",
  );
}

function logging(
  cluster: Cluster,
  definition: TaskDefinition | undefined,
  container: string,
): PreflightFinding {
  const check = "cluster_logging";
  const kept = keepsTranscript(cluster, definition, container);
  if (kept === true) return passed(check);
  if (kept === undefined) {
    return notChecked(
      check,
      "ECS writes a transcript to the container's awslogs, and its task definition was not read; look at its logConfiguration",
    );
  }
  const why = {
    NONE: "the cluster keeps no transcript of ECS Exec",
    DEFAULT: "ECS would write a transcript to the container's awslogs, and it has none",
    OVERRIDE: "the cluster names neither a log group nor a bucket for transcripts",
  }[cluster.logging];
  return warning(
    check,
    `${why}; set executeCommandConfiguration.logging to OVERRIDE with a log group`,
  );
}

/**
 * With these flags the agent itself looks whether the destination is encrypted, after the session has been
 * answered, and closes it if not, or if the task role may not look. Neither can be seen from ECS.
 */
function logEncryption(
  cluster: Cluster,
  definition: TaskDefinition | undefined,
  container: string,
): PreflightFinding {
  const check = "cluster_log_encryption";
  if (cluster.logging !== "OVERRIDE" && keepsTranscript(cluster, definition, container) === false) {
    return passed(check);
  }
  const demanding = cluster.logDestinations.filter(({ mustBeEncrypted }) => mustBeEncrypted);
  if (demanding.length === 0) return passed(check);
  const each = demanding.map(({ kind, name }) =>
    kind === "log_group"
      ? `the log group ${name} has to be encrypted with a customer key and the task role allow logs:DescribeLogGroups`
      : `the bucket ${name} has to be encrypted and the task role allow s3:GetEncryptionConfiguration`,
  );
  return notChecked(check, `${each.join("; ")}; else a session ends as soon as it has begun`);
}
