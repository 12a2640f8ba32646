import type { SessionView } from "../api/session-schemas.ts";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import type { Attempt, RequestState } from "../core/request-state.ts";
import { endView } from "./request-view.ts";

/** What SSM gives as the id of a session. */
export const SESSION_ID = /^[A-Za-z0-9._-]{1,96}$/;

/** The sessions of a request as the API shows them, by the fold of its chain and the clock; newest first. */
export function sessionViews(state: RequestState, now: EpochMillis): SessionView[] {
  const { exec, resource } = state;
  if (exec === undefined || resource.kind === "gateway") return [];
  return state.attempts
    .flatMap((attempt) => {
      if (attempt.sessionId === undefined) return [];
      const delivered = attempt.delivered === true;
      return [
        {
          sessionId: attempt.sessionId,
          requestId: state.id,
          attempt: attempt.attempt,
          state:
            attempt.state === "ended"
              ? ("ended" as const)
              : goesOn(state, attempt, now)
                ? ("live" as const)
                : ("ending" as const),
          delivered,
          requester: state.requester,
          clusterArn: resource.clusterArn,
          ...(resource.kind === "service" ? { service: resource.name } : { family: resource.name }),
          taskArn: attempt.taskArn,
          container: attempt.container,
          ...(exec.command === undefined ? {} : { command: exec.command }),
          openedAt: isoTime(attempt.at),
          expiresAt: isoTime(attempt.expiresAt),
          transcript: exec.transcript,
          ...endView(attempt),
        },
      ];
    })
    .toReversed();
}

/** Whether it may go on: handed over, in its time, and nobody has stopped it. */
function goesOn({ stage }: RequestState, attempt: Attempt, now: EpochMillis): boolean {
  return (
    attempt.delivered === true &&
    attempt.endAskedBy === undefined &&
    attempt.replaceAskedAt === undefined &&
    attempt.isUnclaimed === undefined &&
    now < attempt.expiresAt &&
    stage !== "revoked" &&
    stage !== "cancelled"
  );
}
