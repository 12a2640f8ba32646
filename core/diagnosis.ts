import { containerChecks } from "./checks/container.ts";
import { failed, notChecked } from "./checks/finding.ts";
import { taskChecks } from "./checks/task.ts";
import type { Task, TaskDefinition } from "./containers.ts";
import type { PreflightFinding } from "./kinds/asked.ts";

/** One thing that ECS Exec needs, and whether it is there. */
export interface Diagnosed {
  check: string;
  status: "passed" | "failed" | "not_checked";
  /** What to do; empty where it passed. */
  remedy: string;
}

/**
 * What else ECS Exec needs, and no description of ECS tells: asked of IAM, EC2 and the container itself.
 * Said to whoever looks for a cause, so that nobody takes passed checks for all there are.
 */
export const unchecked: readonly PreflightFinding[] = [
  notChecked(
    "task_role_permissions",
    "the task role has to allow ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel",
  ),
  notChecked(
    "ssmmessages_route",
    "the task has to reach ssmmessages of its region on port 443: by the internet, or by a VPC endpoint for ssmmessages that its security group may use",
  ),
  notChecked(
    "aws_key_variables_in_image",
    "AWS key variables that the image or an environment file sets keep the exec agent from the task role; look at both",
  ),
  notChecked(
    "agent_process",
    "the exec agent can be killed, or its disk full, while ECS still shows it RUNNING; where nothing else is found, replace the task",
  ),
];

/** What is not of a target, and whoever looks at one should know: the gateway sees no other rights of its callers. */
export const aroundTheGateway: PreflightFinding = notChecked(
  "start_session_around",
  "whoever may ssm:StartSession on tasks of ECS opens shells past this gateway, on no record of ECS's: deny it to people, as ecs:ExecuteCommand",
);

/** Those of them that no finding is about. */
export function uncheckedBy(findings: readonly PreflightFinding[]): PreflightFinding[] {
  return unchecked.filter(({ check }) => findings.every((found) => found.check !== check));
}

/**
 * What keeps, or may keep, a container's agent from being connected: each thing it needs with whether it is
 * there, by what ECS says after the failure, and nothing about which of them was the cause.
 */
export function diagnose(
  container: string,
  task: Task | undefined,
  definition: TaskDefinition | undefined,
): Diagnosed[] {
  const findings =
    task === undefined
      ? [failed("running_task", "ECS does not know the task any more; ask for one that runs")]
      : [...taskChecks(task, definition), ...containerChecks(task, definition, container)];
  return (
    [...findings, ...unchecked]
      // What a session leaves behind, and who else could get in, keeps none from beginning.
      .filter(({ check }) => check !== "init_process" && check !== "host_access")
      .map(({ check, status, remedy }) => ({
        check,
        // A diagnosis knows two answers: what preflight only warns of is not as it should be.
        status: status === "warning" ? "failed" : status,
        remedy,
      }))
  );
}

/** The same where ECS could not be asked: not one check was made. */
export function undiagnosed(container: string, task: Task): Diagnosed[] {
  return diagnose(container, task, undefined).map(({ check }) => ({
    check,
    status: "not_checked",
    remedy: "ECS could not be asked just now; `sallyport doctor` looks again",
  }));
}
