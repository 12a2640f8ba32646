import type { Cluster, Task } from "./containers.ts";
import type { PreflightFinding } from "./event-kinds.ts";

/**
 * Whether ECS Exec would work in one container, by what DescribeClusters and DescribeTasks say. `failed`
 * keeps the request from being asked at all: nobody is to approve what cannot be opened.
 */
export function preflight(
  cluster: Cluster,
  task: Task | undefined,
  container: string,
): PreflightFinding[] {
  const findings = [kmsKey(cluster), logging(cluster)];
  if (task === undefined) {
    findings.push({
      check: "running_task",
      status: "failed",
      remedy: "no task is running there; wait for one, or see the service's events in ECS",
    });
    return findings;
  }
  findings.push(execEnabled(task), agent(task, container));
  return findings.map((found) => (found.status === "passed" ? { ...found, remedy: "" } : found));
}

function kmsKey(cluster: Cluster): PreflightFinding {
  return {
    check: "cluster_kms_key",
    status: cluster.kmsKeyId === undefined ? "passed" : "failed",
    remedy:
      "the cluster encrypts ECS Exec with a customer key, which this version cannot open; " +
      "choose a cluster without executeCommandConfiguration.kmsKeyId",
  };
}

function logging(cluster: Cluster): PreflightFinding {
  return {
    check: "cluster_logging",
    status: cluster.logging === "NONE" ? "warning" : "passed",
    remedy:
      "the cluster keeps no transcript of ECS Exec; set executeCommandConfiguration.logging to OVERRIDE with a log group",
  };
}

function execEnabled(task: Task): PreflightFinding {
  return {
    check: "exec_enabled",
    status: task.enableExecuteCommand ? "passed" : "failed",
    remedy:
      "the task was started without ECS Exec, and a running task cannot be switched: " +
      "UpdateService with enableExecuteCommand and force a new deployment",
  };
}

function agent(task: Task, container: string): PreflightFinding {
  const found = task.containers.find((c) => c.name === container)?.execAgent;
  const why = found?.reason === undefined ? "" : ` (ECS says: ${found.reason})`;
  const pending = found?.lastStatus === "PENDING";
  return {
    check: "exec_agent",
    status: !task.enableExecuteCommand
      ? "not_checked"
      : found?.lastStatus === "RUNNING"
        ? "passed"
        : "failed",
    remedy: pending
      ? "the exec agent is still starting; ask again in a minute"
      : `the exec agent in this container is not running${why}; replace the task`,
  };
}

/** The ones that stop a request. */
export function blocking(findings: PreflightFinding[]): PreflightFinding[] {
  return findings.filter((finding) => finding.status === "failed");
}
