import type { Site } from "../../core/consider.ts";
import { SallyportError } from "../../core/errors.ts";
import type { ExecGrant } from "../../core/execute-command.ts";
import type { RequestState } from "../../core/request-state.ts";
import { type TargetName, taskIdOf } from "../../core/target.ts";
import type { Activated } from "../activated.ts";
import type { ExecPorts } from "../ports.ts";
import { loadSite } from "../site.ts";

export type RoleFor = Pick<ExecGrant, "place" | "clusterArn" | "taskArn" | "container">;

/** The task and container of a request that names its task; undefined where the task is chosen at open. */
export function taskNamed(state: RequestState): RoleFor | undefined {
  const { exec, resource } = state;
  if (exec?.target.kind !== "task" || exec.target.taskArn === null || resource.kind === "gateway") {
    return undefined;
  }
  const { taskArn, container } = exec.target;
  return { place: exec.place, clusterArn: resource.clusterArn, taskArn, container };
}

/** The approved target, looked up anew. What has gone since is `target_changed`, not a typing error. */
export async function siteOf(
  ports: ExecPorts,
  configuration: Activated,
  state: RequestState,
): Promise<Site> {
  try {
    return await loadSite(ports, configuration, undefined, targetOf(state));
  } catch (error) {
    if (!(error instanceof SallyportError)) throw error;
    if (
      ![
        "service_not_found",
        "task_not_found",
        "task_not_running",
        "container_unknown",
        "cluster_not_found",
      ].includes(error.code)
    ) {
      throw error;
    }
    throw new SallyportError(
      "target_changed",
      "what was approved is no longer there",
      {
        hint: "ask again with `sallyport exec`",
      },
      error,
    );
  }
}

export function targetOf(state: RequestState): TargetName {
  const { exec, resource } = state;
  if (exec === undefined || resource.kind === "gateway") throw new TypeError("not an exec request");
  const { target, place } = exec;
  return {
    place,
    clusterArn: resource.clusterArn,
    clusterName: resource.clusterName,
    container: target.container,
    ...(target.kind === "task" && target.taskArn !== null
      ? { taskId: taskIdOf(target.taskArn) }
      : {}),
    // A task is looked for where ECS listed it when it was asked for, which saves finding that out again.
    ...(resource.kind === "service" ? { service: resource.name } : { family: resource.name }),
  };
}
