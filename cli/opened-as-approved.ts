import type { OpenedSession } from "../api/session-schemas.ts";
import type { ExecCard } from "../core/card.ts";
import { Failure } from "./failure.ts";

/**
 * Refuses a session that is not the one on the card that was approved: another request, cluster, container
 * or, where the card names one, another task. The gateway compares the same before it answers; whoever types into a root
 * shell should not have to take its word for where it is. Nothing has been connected to when this throws.
 */
export function requireOpenedAsApproved(
  approved: { id: string; target: ExecCard["target"] },
  opened: OpenedSession,
): void {
  const { target } = approved;
  const wrong: string[] = [];
  if (opened.sallyport.requestId !== approved.id) wrong.push("request");
  if (opened.clusterArn !== target.clusterArn) wrong.push("cluster");
  if (opened.containerName !== target.container) wrong.push("container");
  if (target.taskArn !== null && opened.taskArn !== target.taskArn) wrong.push("task");
  // A task ARN names its cluster, but for the oldest form, which names none.
  const cluster = /:task\/([^/]+)\/[^/]+$/.exec(opened.taskArn)?.[1];
  if (cluster !== undefined && !target.clusterArn.endsWith(`:cluster/${cluster}`)) {
    wrong.push("task's cluster");
  }
  if (wrong.length === 0) return;
  throw new Failure(
    `the gateway opened something other than what was approved: ${wrong.join(", ")}`,
    {
      hint: "nothing was connected to; tell whoever operates the gateway, for its session may be running",
    },
  );
}
