import type { Event } from "./event.ts";
import { handedOver } from "./replacement.ts";
import type { Attempt, RequestState } from "./request-state.ts";

type OfAttempt = Extract<
  Event,
  {
    kind:
      | "exec.intent"
      | "replace.asked"
      | "session.opened"
      | "exec.failed"
      | "exec.unknown"
      | "session.ended"
      | "end.unverified"
      | "session.unclaimed"
      | "end.asked"
      | "exec.settled";
  }
>;

/** The state after what happened to one try to open it: from its intent to how its session is known to be over. */
export function attempted(state: RequestState, event: OfAttempt): RequestState {
  switch (event.kind) {
    case "exec.intent": {
      const before = handedOver(state, event.data.replaces, event.at);
      return {
        ...before,
        requesterGroups: event.data.judged.groups,
        attempts: [
          ...before.attempts,
          {
            attempt: event.data.attempt,
            state: "opening",
            rule: event.data.rule,
            taskArn: event.data.taskArn,
            runtimeId: event.data.runtimeId,
            container: event.data.container,
            at: event.at,
            under: event.configuration.seq,
            resource: event.data.judged.resource,
            expiresAt: event.data.expiresAt,
            notAfter: event.data.notAfter,
            slot: event.data.slot,
          },
        ],
      };
    }
    case "replace.asked":
      return withAttempt(state, event.data.attempt, { replaceAskedAt: event.at });
    case "session.opened":
      return withAttempt(state, event.data.attempt, {
        state: "opened",
        sessionId: event.data.sessionId,
        delivered: event.data.delivered,
      });
    case "exec.failed":
      return withAttempt(state, event.data.attempt, { state: "failed", failure: event.data.code });
    case "exec.unknown":
      return withAttempt(state, event.data.attempt, { state: "unknown" });
    case "session.ended": {
      const { cause, lock, strength, endedAt } = event.data;
      return withAttempt(state, event.data.attempt, {
        state: "ended",
        end: {
          at: endedAt ?? event.at,
          cause,
          ...(lock === undefined ? {} : { lock }),
          strength,
        },
      });
    }
    case "end.unverified": {
      const { tries, nextAt } = event.data;
      return withAttempt(state, event.data.attempt, { unverified: { tries, nextAt } });
    }
    case "session.unclaimed":
      return withAttempt(state, event.data.attempt, { isUnclaimed: true });
    case "end.asked":
      return withAttempt(state, event.data.attempt, {
        endAskedBy: event.data.person,
        ...(event.data.stopTask === true ? { stopTask: true } : {}),
      });
    case "exec.settled":
      return withAttempt(state, event.data.attempt, { state: "settled" });
  }
}

function withAttempt(state: RequestState, attempt: number, change: Partial<Attempt>): RequestState {
  return {
    ...state,
    attempts: state.attempts.map((a) => (a.attempt === attempt ? { ...a, ...change } : a)),
  };
}
