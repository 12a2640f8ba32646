import type { LockView, RequestView } from "../api/response-schemas.ts";

export interface Cut {
  why: string;
  /** By which of the locks that stand, where it was by one: nothing opens there before that has ended. */
  lock?: LockView | undefined;
}

/**
 * Why a session was cut, as far as the record says; undefined where nobody cut it, or nothing on record says so
 * yet. `locks` are those that stand on it now: an end by one of them may not be on record yet. The agent gives no
 * reason: to its client a session that was ended looks like one whose command exited.
 */
export function whyCut(
  request: Pick<RequestView, "status" | "sessions" | "outcome" | "requester">,
  sessionId: string,
  expiresAt: number,
  now: number,
  locks: readonly LockView[] = [],
): Cut | undefined {
  const end = request.sessions.find((session) => session.sessionId === sessionId)?.end;
  if (end?.cause === "locked") {
    return byLock(end.lock === undefined ? locks[0] : locks.find(({ id }) => id === end.lock));
  }
  if (end?.cause === "by_itself") return undefined;
  const words = end === undefined ? undefined : causeWords[end.cause];
  if (words !== undefined) return { why: words };
  if (request.status === "revoked") {
    const said = request.outcome?.detail ?? "";
    return { why: said === "" ? "it was revoked" : `it was revoked: ${said}` };
  }
  if (request.status === "cancelled") return { why: "its request was withdrawn" };
  // One on a person who agreed to it lets what is open go on.
  const ending = locks.find(
    ({ subject }) => subject.kind !== "person" || subject.id === request.requester.person,
  );
  if (ending !== undefined) return byLock(ending);
  return now >= expiresAt ? { why: "its time was over" } : undefined;
}

type Cause = NonNullable<RequestView["sessions"][number]["end"]>["cause"];

/** Of the others the request itself says more, or nobody cut it. */
const causeWords: { [cause in Cause]?: string } = {
  expired: "its time was over",
  asked: "somebody asked for its end",
  unclaimed: "nobody joined it within two minutes",
  replaced: "another session was opened in its place",
  restored: "the gateway's record was restored from a backup, and what was granted is void",
  right_lost: "the rules or the directory no longer let you be in it",
};

function byLock(lock: LockView | undefined): Cut {
  if (lock === undefined) return { why: "it was locked" };
  const { subject, reason } = lock;
  const why = `${subject.kind} ${subject.id} was locked${reason === "" ? "" : `: ${reason}`}`;
  return { why, lock };
}
