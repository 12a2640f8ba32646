import type { EpochMillis } from "../clock.ts";
import type { EndCause } from "../kinds/swept.ts";
import { type Attempt, type RequestState, statusAt } from "../request-state.ts";
import { first, isBy, type Of } from "./checks.ts";

export function endMisfit(
  state: RequestState,
  { actor, at, kind, data }: Of<"session.ended" | "end.unverified" | "end.asked">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [attempt?.sessionId === data.sessionId, "it is of another session"],
    kind === "end.asked"
      ? [isBy(actor, data.person), "the one named is not who called"]
      : [causeFits(state, attempt, data.cause, at), "nothing on record was the cause"],
  ]);
}

/** Whether the record itself shows what an end is said to come from. */
function causeFits(
  { stage }: RequestState,
  attempt: Attempt | undefined,
  cause: EndCause,
  at: EpochMillis,
): boolean {
  switch (cause) {
    case "expired":
      // Whoever ends it may not have heard yet that its time was extended.
      return attempt !== undefined && at >= (attempt.extendedFrom ?? attempt.expiresAt);
    case "revoked":
    case "cancelled":
      return stage === cause;
    case "withheld":
      return attempt?.delivered === false;
    case "asked":
      return attempt?.endAskedBy !== undefined;
    // The directory is on another chain, and what ends by itself needs no cause.
    case "right_lost":
    case "by_itself":
      return true;
  }
}

export function expiredMisfit(
  state: RequestState,
  { at, data }: Of<"request.expired">,
): string | undefined {
  return first([[statusAt(state, at) === data.status, "its time was not over"]]);
}
