import type { RequestView } from "../api/response-schemas.ts";

/**
 * Why a session was cut, as far as the record says; undefined where nobody cut it, or nothing on record says so
 * yet. The agent gives no reason: to its client a session that was ended looks like one whose command exited.
 */
export function whyCut(
  request: Pick<RequestView, "status" | "sessions" | "outcome">,
  sessionId: string,
  expiresAt: number,
  now: number,
): string | undefined {
  const end = request.sessions.find((session) => session.sessionId === sessionId)?.end;
  switch (end?.cause) {
    case "by_itself":
      return undefined;
    case "expired":
      return "its time was over";
    case "asked":
      return "somebody asked for its end";
    case "unclaimed":
      return "nobody joined it within two minutes";
    case "replaced":
      return "another session was opened in its place";
    case "right_lost":
      return "you are no longer in the gateway's directory";
    case "revoked":
    case "cancelled":
    case "withheld":
    case undefined:
      break;
  }
  if (request.status === "revoked") {
    const said = request.outcome?.detail ?? "";
    return said === "" ? "it was revoked" : `it was revoked: ${said}`;
  }
  if (request.status === "cancelled") return "its request was withdrawn";
  return now >= expiresAt ? "its time was over" : undefined;
}
