import { isoTime } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { Decision, RequestState, Status } from "./request-state.ts";
import { isVoided } from "./restored.ts";

/**
 * `request_closed` for somebody whose step comes too late: what has become of it, and who decided what and
 * when, so that nobody has to guess whether it was themselves.
 */
export function closed(
  what: string,
  decisions: readonly Decision[],
  status: Status,
): SallyportError {
  const counting = decisions.filter(({ counts }) => counts);
  const by = counting.map(
    ({ person, decision, at }) =>
      `${person} ${decision === "approve" ? "approved" : "denied"} it at ${isoTime(at)}`,
  );
  return new SallyportError(
    "request_closed",
    by.length === 0 ? what : `${what}: ${by.join(", ")}`,
    {
      hint: "nothing is left to decide; `sallyport show ID` shows all of it",
      members: {
        requestStatus: status,
        decisions: counting.map(({ person, decision, at }) => ({
          person,
          decision,
          at: isoTime(at),
        })),
      },
    },
  );
}

/** In words, how a request came to be what it is by the clock. */
export function whatBecame(state: RequestState, status: Status): string {
  const { outcome } = state;
  const stopped = outcome?.by === undefined ? "" : ` by ${outcome.by} at ${isoTime(outcome.at)}`;
  switch (status) {
    case "lapsed":
      return `the request has lapsed: ${lapsedBecause(state)}`;
    case "cancelled":
      return `the request was withdrawn${stopped}`;
    case "revoked":
      if (isVoided(state)) return `the request is void: ${outcome?.detail ?? ""}; ask anew`;
      return `the request was revoked${stopped}`;
    case "closed":
      return "the request is closed: what it was for is over";
    case "pending":
    case "approved":
    case "refused":
    case "denied":
      return `the request is ${status} already`;
  }
}

/** Why a request lapsed: nobody completed it in time, or nobody opened what was granted. */
export function lapsedBecause({
  grant,
  lapsesAt,
}: Pick<RequestState, "grant" | "lapsesAt">): string {
  return grant === undefined
    ? `it was not decided by ${isoTime(lapsesAt)}`
    : `it was approved, and not opened by ${isoTime(grant.expiresAt)}`;
}
