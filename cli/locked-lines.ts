import { type LockView, lockListSchema, type RequestView } from "../api/response-schemas.ts";
import type { Context } from "./context.ts";
import { standsUntil, unlockText } from "./lock-view.ts";
import { type Shown, shown } from "./shown.ts";

/** The locks that stop a request now; none is asked for where none could matter to it. */
export async function locksOn(
  { api }: Pick<Context, "api">,
  request: RequestView,
): Promise<LockView[]> {
  const isCut = request.sessions.some(({ end }) => end?.cause === "locked");
  if (!isCut && !goesOn(request)) return [];
  const query = { request: request.id };
  return (await api.call("GET", "/v1/locks", { query, schema: lockListSchema })).items;
}

/** That nothing comes of a request while a lock stands, on whom or what, until when and who ends it. */
export function lockedLines(request: RequestView, locks: readonly LockView[]): Shown[] {
  if (!goesOn(request)) return [];
  return locks.flatMap((lock) => {
    const { subject, reason } = lock;
    return [
      shown`locked: ${subject.kind} ${subject.id}${partOf(lock, request)}: ${reason}; nothing opens while it stands`,
      shown`  lock ${lock.id}: ${standsUntil(lock)}; ${unlockText(lock)}`,
    ];
  });
}

function goesOn({ kind, status }: RequestView): boolean {
  return kind === "exec" && (status === "approved" || status === "pending");
}

/** What a locked person has to do with it: that of a group, the gateway does not say. */
function partOf({ subject }: LockView, { requester, decisions }: RequestView): string {
  if (subject.kind !== "person") return "";
  if (subject.id === requester.person) return ", who asked for it";
  const agreed = decisions.some(
    ({ person, decision, counts }) => counts && decision === "approve" && person === subject.id,
  );
  return agreed ? ", who agreed to it" : "";
}
