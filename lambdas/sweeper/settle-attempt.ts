import type { EventBody } from "../../core/event-kinds.ts";
import type { Attempt, RequestState } from "../../core/request-state.ts";
import { ssmTarget } from "../../core/target.ts";
import type { SweeperPorts } from "../ports.ts";
import { waitUntilOver } from "../wait-until-over.ts";

/**
 * Settles an attempt whose outcome nobody knows: every session on its container that no event names is ended,
 * and seen to be over. Only then is its use free. Undefined where one of them goes on: the use stays held.
 */
export async function settleAttempt(
  ports: SweeperPorts,
  state: RequestState,
  attempt: Attempt,
): Promise<EventBody | undefined> {
  const { exec, resource } = state;
  if (exec === undefined || resource.kind === "gateway") return undefined;
  const { place } = exec;
  const target = ssmTarget(resource.clusterName, attempt.taskArn, attempt.runtimeId);
  const ended: string[] = [];
  for (const { sessionId } of await ports.sessionWatch.goingOn(place, target)) {
    if ((await ports.events.chainsOfSession(sessionId)).length > 0) continue;
    await ports.sessionEnder.terminate(place, sessionId);
    if ((await waitUntilOver(ports, place, sessionId)) === undefined) {
      ports.metrics.count("EndUnverified");
      ports.log.error(
        "end unverified",
        { requestId: state.id, sessionId },
        new Error("a session that nobody recorded is not known to be over"),
      );
      return undefined;
    }
    ended.push(sessionId);
  }
  return { kind: "exec.settled", data: { attempt: attempt.attempt, ended }, values: {} };
}
