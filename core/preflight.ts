import { clusterChecks } from "./checks/cluster.ts";
import { containerChecks } from "./checks/container.ts";
import { failed } from "./checks/finding.ts";
import { taskChecks } from "./checks/task.ts";
import type { Cluster, Task, TaskDefinition } from "./containers.ts";
import type { PreflightFinding } from "./kinds/asked.ts";

/** Where ECS Exec is to work, as ECS described it. */
export interface Spot {
  cluster: Cluster;
  /** Absent where nothing runs there. */
  task: Task | undefined;
  container: string;
  /** Any that were read: a check takes the one the task runs by, and none in place of it. */
  definitions: readonly TaskDefinition[];
}

/**
 * Whether ECS Exec would work in one container, by what DescribeClusters, DescribeTasks and
 * DescribeTaskDefinition say: the checks of amazon-ecs-exec-checker that these allow. `failed` keeps a
 * request from being asked at all: nobody is to approve what cannot be opened.
 */
export function preflight({ cluster, task, container, definitions }: Spot): PreflightFinding[] {
  if (task === undefined) {
    return [
      ...clusterChecks(cluster, definitions[0], container),
      failed(
        "running_task",
        "no task is running there; wait for one, or see the service's events in ECS",
      ),
    ];
  }
  const definition = definitions.find((d) => d.taskDefinitionArn === task.taskDefinitionArn);
  return [
    ...clusterChecks(cluster, definition, container),
    ...taskChecks(task, definition),
    ...containerChecks(task, definition, container),
  ];
}

/** What approvers are told of it: the warnings, in words. */
export function warningsOf(findings: readonly PreflightFinding[]): string[] {
  return findings
    .filter(({ status }) => status === "warning")
    .map(({ check, remedy }) => `${check}: ${remedy}`);
}

/** The ones that stop a request. */
export function blocking(findings: PreflightFinding[]): PreflightFinding[] {
  return findings.filter((finding) => finding.status === "failed");
}

const NOT_YET = new Set(["task_status", "container_status", "exec_agent"]);

/** The ones that stop an open: besides those, what is still starting. ExecuteCommand would refuse it. */
export function blockingNow(findings: PreflightFinding[]): PreflightFinding[] {
  return findings.filter(
    ({ check, status }) => status === "failed" || (status === "warning" && NOT_YET.has(check)),
  );
}
