import type { ExecInput } from "../../core/execute-command.ts";
import type { RequestState } from "../../core/request-state.ts";
import { taskIdOf } from "../../core/target.ts";
import type { ExecPorts } from "../ports.ts";

/** The outcome is still to be recorded: what cannot be looked up in this time is left open. */
const LOOK_MS = 2_000;

/**
 * Which of two things ECS meant by one error: that the task was started without ECS Exec, or that its agent
 * does not run. A task cannot be switched while it runs, so where it was started with ECS Exec, it was the
 * agent. `exec_not_enabled` where DescribeTasks does not say, whose text names both. Never throws.
 */
export async function whyNotEnabled(
  ports: Pick<ExecPorts, "containers" | "clock">,
  { state }: { state: RequestState },
  input: ExecInput,
): Promise<"exec_not_enabled" | "agent_not_running"> {
  const place = state.exec?.place;
  if (place === undefined) return "exec_not_enabled";
  const looked = ports.containers
    .describeTasks(place, input.clusterArn, [taskIdOf(input.taskArn)])
    .catch(() => []);
  const [task] = await Promise.race([looked, ports.clock.sleep(LOOK_MS).then(() => [])]);
  return task?.enableExecuteCommand === true ? "agent_not_running" : "exec_not_enabled";
}
