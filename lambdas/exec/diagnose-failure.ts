import type { Place, Task } from "../../core/containers.ts";
import { type Diagnosed, diagnose, undiagnosed } from "../../core/diagnosis.ts";
import type { ExecFailureCode } from "../../core/execute-command.ts";
import type { ExecPorts } from "../ports.ts";

/** Nobody waits longer for a diagnosis, which may not keep the failure itself from being recorded. */
const LOOK_MS = 3_000;

export interface DiagnosedFailure {
  code: ExecFailureCode | "agent_not_running";
  /** Whether ECS described the task: if not, `code` is no more than AWS's own word. */
  looked: boolean;
  diagnosis: Diagnosed[];
}

/**
 * What ECS says of the container now that ExecuteCommand has failed for want of a connected agent; undefined
 * for other failures. `exec_not_enabled` is AWS's one text for two things, and becomes `agent_not_running`
 * where the task was started with ECS Exec. Never throws: where ECS cannot be asked until `deadline` (epoch
 * ms), every check is `not_checked` and the code stays as it is.
 */
export async function diagnoseFailure(
  ports: Pick<ExecPorts, "containers" | "clock" | "log">,
  deadline: number,
  failed: { code: ExecFailureCode; place: Place; task: Task; container: string },
): Promise<DiagnosedFailure | undefined> {
  const { code, container } = failed;
  if (code !== "target_not_connected" && code !== "exec_not_enabled") return undefined;
  const ms = Math.min(LOOK_MS, deadline - ports.clock.now());
  const looked =
    ms <= 0
      ? undefined
      : await Promise.race([look(ports, failed), ports.clock.sleep(ms).then(() => undefined)]);
  if (looked === undefined) {
    return { code, looked: false, diagnosis: undiagnosed(container, failed.task) };
  }
  const { task, definition } = looked;
  return {
    code:
      code === "exec_not_enabled" && task?.enableExecuteCommand === true
        ? "agent_not_running"
        : code,
    looked: task !== undefined,
    diagnosis: diagnose(container, task, definition),
  };
}

async function look(
  { containers, log }: Pick<ExecPorts, "containers" | "log">,
  { code, place, task }: { code: ExecFailureCode; place: Place; task: Task },
) {
  try {
    const [[now], definition] = await Promise.all([
      containers.describeTasks(place, task.clusterArn, [task.taskArn]),
      containers.describeTaskDefinition(place, task.taskDefinitionArn),
    ]);
    return { task: now, definition };
  } catch (error) {
    log.error("a failure could not be diagnosed", { code }, error);
    return undefined;
  }
}
