import { taskIdOf } from "./target.ts";

/**
 * The session tags of `sallyport-exec`. The role allows ExecuteCommand only on what its own session's
 * tags name, and lets itself be assumed only with all three of them: forgetting one grants nothing.
 */
export const execTagKeys = ["cluster", "task", "container"] as const;

export type ExecTags = { [key in (typeof execTagKeys)[number]]: string };

/**
 * The tags of one container: the cluster's name, the task's id, the container's name. STS takes 256
 * characters of letters, digits and `_.:/=+-@` as a tag's value; names in ECS have at most 255, of fewer
 * kinds, so that none of them can hold a wildcard.
 */
export function execTags(of: { clusterArn: string; taskArn: string; container: string }): ExecTags {
  return {
    cluster: of.clusterArn.split("/").at(-1) ?? "",
    task: taskIdOf(of.taskArn),
    container: of.container,
  };
}
