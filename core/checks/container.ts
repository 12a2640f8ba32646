import type { DefinedContainer, Task, TaskDefinition } from "../containers.ts";
import type { PreflightFinding } from "../kinds/asked.ts";
import { failed, notChecked, passed, warning } from "./finding.ts";
import { isWindows, onFargate } from "./task.ts";

/** What holds for one container of a task. `definition` is the one the task runs by, where it was read. */
export function containerChecks(
  task: Task,
  definition: TaskDefinition | undefined,
  container: string,
): PreflightFinding[] {
  const defined = definition?.containers.find(({ name }) => name === container);
  return [
    containerStatus(task, container),
    execAgent(task, container),
    initProcess(task, defined),
    readonlyRoot(task, defined),
    awsKeyVariables(task, defined, container),
  ];
}

function containerStatus(task: Task, container: string): PreflightFinding {
  const check = "container_status";
  const found = task.containers.find(({ name }) => name === container);
  if (found === undefined) {
    return failed(check, "the task has no container of that name; `sallyport targets` lists them");
  }
  if (found.lastStatus === "RUNNING") return passed(check);
  if (found.lastStatus === "UNKNOWN") {
    return notChecked(check, "ECS does not say whether the container runs");
  }
  return found.lastStatus === "PENDING"
    ? warning(check, "the container is still starting; it can be opened once it is RUNNING")
    : failed(check, `the container is ${found.lastStatus}; replace the task`);
}

/** The agent named ExecuteCommandAgent, wherever in the list it stands. */
function execAgent(task: Task, container: string): PreflightFinding {
  const check = "exec_agent";
  if (!task.enableExecuteCommand) {
    return notChecked(check, "there is none where ECS Exec is not enabled");
  }
  const found = task.containers.find(({ name }) => name === container)?.execAgent;
  if (found?.lastStatus === "RUNNING") return passed(check);
  const why = found?.reason === undefined ? "" : ` (ECS says: ${found.reason})`;
  if (found?.lastStatus === "PENDING") {
    return warning(
      check,
      `the exec agent in this container is still starting${why}; open in a minute`,
    );
  }
  return failed(
    check,
    `the exec agent in this container is not running${why}; replace the task, or choose another one`,
  );
}

function initProcess(task: Task, defined: DefinedContainer | undefined): PreflightFinding {
  const check = "init_process";
  if (isWindows(task)) return passed(check);
  if (defined === undefined) return notChecked(check, NOT_READ);
  if (defined.initProcessEnabled) return passed(check);
  return warning(
    check,
    "what a session leaves behind stays as zombies; set linuxParameters.initProcessEnabled in the task definition",
  );
}

const NOT_READ = "its task definition was not read; look at its containerDefinitions";

/** The agent's files, and where it is mounted. On an instance the ECS agent binds all but the first itself. */
const AGENT_STATE = "/var/lib/amazon/ssm";
const MOUNTED_ON_INSTANCES = ["/managed-agents", "/var/log/amazon/ssm"];

/** A read-only root is unsupported, and works for many where the agent can write. */
function readonlyRoot(task: Task, defined: DefinedContainer | undefined): PreflightFinding {
  const check = "readonly_root";
  if (isWindows(task)) return passed(check);
  if (defined === undefined) return notChecked(check, NOT_READ);
  if (!defined.readonlyRootFilesystem) return passed(check);
  const needed = [AGENT_STATE, ...(onFargate(task) ? MOUNTED_ON_INSTANCES : [])];
  const missing = needed.filter((path) => !isWritable(defined, path));
  if (missing.length === 0) {
    return warning(
      check,
      "the root file system is read-only, which AWS does not support with ECS Exec; the agent's folders are mounted, so it may work",
    );
  }
  const remedy = `the root file system is read-only: mount writable volumes at ${missing.join(", ")}, or set readonlyRootFilesystem to false`;
  return defined.mountsOfOthers
    ? notChecked(check, `${remedy}, unless volumesFrom brings them`)
    : failed(check, remedy);
}

/** By the innermost mount that holds the path: a read-only one within a writable one is read-only. */
function isWritable({ mounts }: DefinedContainer, path: string): boolean {
  const [innermost] = mounts
    .map((mount) => ({ ...mount, at: mount.path.replace(/\/+$/, "") }))
    .filter(({ at }) => path === at || path.startsWith(`${at}/`))
    .toSorted((a, b) => b.at.length - a.at.length);
  return innermost?.writable === true;
}

/** Names alone: the agent takes what they hold for its own credentials, in place of the task role's. */
function awsKeyVariables(
  task: Task,
  defined: DefinedContainer | undefined,
  container: string,
): PreflightFinding {
  const check = "aws_key_variables";
  const overridden = task.awsKeyVariables?.[container] ?? [];
  const found = [...new Set([...(defined?.awsKeyVariables ?? []), ...overridden])].toSorted();
  if (found.length > 0) {
    return warning(
      check,
      `the exec agent may take ${found.join(", ")} for its own credentials; give the application's keys other names, or use the task role`,
    );
  }
  return defined === undefined ? notChecked(check, NOT_READ) : passed(check);
}
