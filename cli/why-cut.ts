import type { LockView, RequestView } from "../api/response-schemas.ts";

/**
 * Why a session was cut, as far as the record says; undefined where nobody cut it, or nothing on record says so
 * yet. `locks` are those that stand on it now: an end by one of them may not be on record yet. The agent gives no
 * reason: to its client a session that was ended looks like one whose command exited.
 */
export function whyCut(
  request: Pick<RequestView, "status" | "sessions" | "outcome">,
  sessionId: string,
  expiresAt: number,
  now: number,
  locks: readonly Pick<LockView, "subject" | "reason">[] = [],
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
    case "locked":
      return lockedWords(locks);
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
  if (locks.length > 0) return lockedWords(locks);
  return now >= expiresAt ? "its time was over" : undefined;
}

function lockedWords([lock]: readonly Pick<LockView, "subject" | "reason">[]): string {
  if (lock === undefined) return "it was locked";
  const { subject, reason } = lock;
  return `${subject.kind} ${subject.id} was locked${reason === "" ? "" : `: ${reason}`}`;
}
