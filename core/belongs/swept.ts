import type { EpochMillis } from "../clock.ts";
import { UNCLAIMED_MS } from "../due.ts";
import type { EndCause } from "../kinds/swept.ts";
import { type Attempt, type RequestState, statusAt } from "../request-state.ts";
import { first, isBy, type Of } from "./checks.ts";

export function endMisfit(
  state: RequestState,
  { actor, at, kind, data, configuration }: Of<"session.ended" | "end.unverified" | "end.asked">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [attempt?.sessionId === data.sessionId, "it is of another session"],
    kind === "end.asked"
      ? [isBy(actor, data.person), "the one named is not who called"]
      : [causeFits(state, attempt, data.cause, at), "nothing on record was the cause"],
    kind !== "end.asked" && [
      (data.cause === "locked") === (data.lock !== undefined),
      "it does not say which lock it was, or was none",
    ],
    kind !== "end.asked" &&
      data.judged !== undefined && [
        data.cause === "right_lost" && configuration.seq > (attempt?.under ?? 0),
        "nobody's right was judged anew for it",
      ],
  ]);
}

export function unclaimedMisfit(
  state: RequestState,
  { at, data }: Of<"session.unclaimed">,
): string | undefined {
  const attempt = state.attempts.find((one) => one.attempt === data.attempt);
  return first([
    [
      attempt?.sessionId === data.sessionId && attempt.delivered === true,
      "it is of another session",
    ],
    [attempt !== undefined && at >= attempt.at + UNCLAIMED_MS, "there was time left to join it"],
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
    case "unclaimed":
      return attempt?.isUnclaimed === true;
    case "asked":
      return attempt?.endAskedBy !== undefined;
    case "replaced":
      return attempt?.replaceAskedAt !== undefined;
    // Directory, locks and fences are on other chains, and what ends by itself needs no cause.
    case "right_lost":
    case "locked":
    case "restored":
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
