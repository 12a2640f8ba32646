import type { Duty } from "../../core/duties.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { EndCause, EndStrength } from "../../core/kinds/swept.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { SweeperPorts } from "../ports.ts";
import { isTaskGone } from "../task-gone.ts";
import { waitUntilOver } from "../wait-until-over.ts";

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;

type EndDuty = Extract<Duty, { kind: "end" }>;

/**
 * Ends a session and looks whether it is over: TerminateSession answers success for any id, so its answer says
 * nothing. Returns what goes on record: that it is over and how we know, or that this could not be seen, by whoever
 * was to show it, and when it is tried again.
 */
export async function endSession(
  ports: SweeperPorts,
  state: RequestState,
  { attempt, cause, since, lock, judged }: EndDuty,
): Promise<EventBody | undefined> {
  const place = state.exec?.place;
  if (place === undefined) return undefined;
  const { sessionId } = attempt;
  const by = {
    ...(lock === undefined ? {} : { lock: lock.id }),
    ...(judged === undefined ? {} : { judged }),
  };
  const ended = (why: EndCause, strength: EndStrength, endedAt: number | null): EventBody => ({
    kind: "session.ended",
    data: {
      attempt: attempt.attempt,
      sessionId,
      cause: why,
      ...(why === cause ? by : {}),
      strength,
      endedAt,
    },
    values: {},
  });

  // Nothing that is only looked at keeps a session from being ended.
  const before = await ports.sessionWatch.seen(place, sessionId).catch(() => undefined);
  const { taskStopper } = ports;
  const stopper = attempt.stopTask === true ? taskStopper : undefined;
  // That alone is over which was to be: where the task is to be stopped, its session's end is not enough.
  if (before?.over === true && stopper === undefined) {
    // It was over before there was a cause, and before we tried.
    const isOurs = attempt.unverified !== undefined || attempt.replaceAskedAt !== undefined;
    const early = !isOurs && before.endedAt !== null && before.endedAt < (since ?? state.tail.at);
    return ended(early ? "by_itself" : cause, "ssm-status", before.endedAt);
  }
  const taken = await ports.sessionEnder.terminate(place, sessionId);
  const clusterArn = state.resource.kind === "gateway" ? "" : state.resource.clusterArn;
  await stopper?.stop(place, clusterArn, attempt.taskArn);
  const seen = stopper === undefined ? await waitUntilOver(ports, place, sessionId) : undefined;
  if (seen !== undefined) return ended(cause, "ssm-status", seen.endedAt);
  const gone = isTaskGone(ports.containers, place, clusterArn, attempt.taskArn);
  if (await gone.catch(() => false)) {
    return ended(cause, "task-stopped", null);
  }
  const tries = (attempt.unverified?.tries ?? 0) + 1;
  const wait = Math.min(FIRST_RETRY_MS * 2 ** (tries - 1), LONGEST_RETRY_MS);
  ports.metrics.count("EndUnverified");
  ports.log.error(
    "end unverified",
    { requestId: state.id, sessionId, tries },
    new Error("a session that has to end is not known to be over"),
  );
  return {
    kind: "end.unverified",
    data: {
      attempt: attempt.attempt,
      sessionId,
      cause,
      ...by,
      tries,
      nextAt: ports.clock.now() + wait,
    },
    values: {
      detail:
        stopper !== undefined
          ? "its task was to be stopped, and ECS does not show it as stopped"
          : taken === "accepted"
            ? "TerminateSession was accepted, and SSM still shows the session"
            : "TerminateSession was refused or not answered",
    },
  };
}
