import type { Task, TaskDefinition } from "../containers.ts";
import type { PreflightFinding } from "../kinds/asked.ts";
import { failed, notChecked, passed, warning } from "./finding.ts";

/** What holds for every container of a task. `definition` is the one the task runs by, where it was read. */
export function taskChecks(task: Task, definition: TaskDefinition | undefined): PreflightFinding[] {
  return [
    taskStatus(task),
    execEnabled(task),
    platformVersion(task),
    taskRole(task, definition),
    pidMode(definition),
    hostAccess(task),
  ];
}

const COMING = new Set(["PROVISIONING", "ACTIVATING", "PENDING"]);

function taskStatus(task: Task): PreflightFinding {
  const check = "task_status";
  const { lastStatus, desiredStatus, stoppedReason } = task;
  const why = stoppedReason === undefined ? "" : ` (ECS says: ${stoppedReason})`;
  if (COMING.has(lastStatus)) {
    return warning(check, `the task is ${lastStatus}; it can be opened once it is RUNNING`);
  }
  if (lastStatus !== "RUNNING") {
    return failed(check, `the task is ${lastStatus}${why}; choose one that runs`);
  }
  if (desiredStatus === "STOPPED") {
    return failed(check, `the task is about to be stopped${why}; choose another one`);
  }
  return passed(check);
}

function execEnabled(task: Task): PreflightFinding {
  const check = "exec_enabled";
  if (task.enableExecuteCommand) return passed(check);
  return failed(
    check,
    "the task was started without ECS Exec, and a running task cannot be switched: " +
      "UpdateService with enableExecuteCommand and force a new deployment",
  );
}

/** Where AWS runs it: only there has a task a platform version, and no instance whose role it could use. */
export function onFargate(task: Task): boolean {
  return (
    task.launchType === "FARGATE" ||
    task.platformVersion !== undefined ||
    task.capacityProvider === "FARGATE" ||
    task.capacityProvider === "FARGATE_SPOT"
  );
}

/** Fargate's: 1.4.0 on Linux, 1.0.0 on Windows. An instance's agent is not in what DescribeTasks tells. */
function platformVersion(task: Task): PreflightFinding {
  const check = "platform_version";
  if (!onFargate(task)) {
    return notChecked(
      check,
      "on an instance the ECS container agent has to be 1.50.2 or newer (1.56 on Windows); DescribeContainerInstances tells",
    );
  }
  const least = isWindows(task) ? [1, 0, 0] : [1, 4, 0];
  const given = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/.exec(task.platformVersion ?? "")?.slice(1);
  if (given === undefined) {
    return notChecked(
      check,
      `ECS does not say which platform version it is; it has to be ${least.join(".")} or newer`,
    );
  }
  const at = least.findIndex((part, i) => Number(given[i]) !== part);
  if (at === -1 || Number(given[at]) > (least[at] ?? 0)) return passed(check);
  return failed(
    check,
    `the task runs on platform version ${given.join(".")}; deploy it on ${least.join(".")} or newer`,
  );
}

function taskRole(task: Task, definition: TaskDefinition | undefined): PreflightFinding {
  const check = "task_role";
  if (task.taskRoleArn !== undefined || definition?.taskRoleArn !== undefined) return passed(check);
  if (definition === undefined) {
    return notChecked(check, "its task definition was not read; it has to have a taskRoleArn");
  }
  if (onFargate(task)) {
    return failed(
      check,
      "the task has no role, so its exec agent has no credentials: " +
        "give the task definition a taskRoleArn that allows the four ssmmessages actions",
    );
  }
  return notChecked(
    check,
    "the task has no role of its own; its agent uses the instance's, which has to allow the four ssmmessages actions",
  );
}

function pidMode(definition: TaskDefinition | undefined): PreflightFinding {
  const check = "pid_mode";
  if (definition === undefined) {
    return notChecked(check, "its task definition was not read; look whether pidMode is task");
  }
  if (definition.pidMode !== "task" || definition.containers.length < 2) return passed(check);
  return warning(
    check,
    "its containers share one PID namespace, and only one of them can be reached; " +
      "if it is another one, remove pidMode from the task definition",
  );
}

/**
 * On a machine of the account's own, Session Manager leads onto the host, and root there is root in each of its
 * containers: past the gateway, its rules and its record.
 */
function hostAccess(task: Task): PreflightFinding {
  const check = "host_access";
  if (onFargate(task)) return passed(check);
  const remedy =
    "whoever may ssm:StartSession on its instance is root in all of its containers, past this gateway: deny it to people";
  return task.launchType === "EC2" || task.launchType === "EXTERNAL"
    ? warning(check, remedy)
    : notChecked(
        check,
        `ECS does not say whose machine the task runs on; on one of your own, ${remedy}`,
      );
}

export function isWindows(task: Pick<Task, "platformFamily">): boolean {
  return (task.platformFamily ?? "").toUpperCase().startsWith("WINDOWS");
}
