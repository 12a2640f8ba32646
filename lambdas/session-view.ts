import type { SessionView } from "../api/response-schemas.ts";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import type { RequestState } from "../core/request-state.ts";

/** The sessions of a request as the API shows them, by the fold of its chain and the clock; newest first. */
export function sessionViews(state: RequestState, now: EpochMillis): SessionView[] {
  const { exec, resource } = state;
  if (exec === undefined || resource.kind === "gateway") return [];
  return state.attempts
    .flatMap((attempt) => {
      if (attempt.state !== "opened" || attempt.sessionId === undefined) return [];
      const delivered = attempt.delivered === true;
      return [
        {
          sessionId: attempt.sessionId,
          requestId: state.id,
          attempt: attempt.attempt,
          state: delivered && now < attempt.expiresAt ? ("live" as const) : ("over" as const),
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
        },
      ];
    })
    .toReversed();
}
