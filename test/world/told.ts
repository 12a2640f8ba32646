import { trailTime } from "../kit/cloud-trail.ts";
import { looked } from "../kit/looks.ts";
import { clusterArn } from "./fleet.ts";
import type { World } from "./world.ts";

/** The ExecuteCommand that reached AWS under a session's name, as CloudTrail fills its members. */
export function toldOf(w: World, sessionName: string): { [name: string]: string } {
  looked("wire");
  const sent = w.journal.find(
    (entry) =>
      entry.what === "wire" &&
      entry.call.operation === "ExecuteCommand" &&
      entry.call.roleSessionName === sessionName,
  );
  if (sent?.what !== "wire") throw new Error(`nothing was sent as ${sessionName}`);
  const { taskArn = "", container = "", command = "", sessionId = "" } = sent.call;
  return {
    at: trailTime(sent.at),
    sessionName,
    person: "dev",
    cluster: clusterArn("demo"),
    clusterName: "demo",
    task: taskArn,
    taskId: taskArn.split("/").at(-1) ?? "",
    container,
    command,
    sessionId,
  };
}
