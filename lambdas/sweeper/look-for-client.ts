import type { EventBody } from "../../core/event-kinds.ts";
import type { Attempt, RequestState } from "../../core/request-state.ts";
import type { SweeperPorts } from "../ports.ts";

/** SSM's word for a session that no client has joined; once one has, it never says so again. */
const NEVER_JOINED = "Connecting";

/**
 * Looks whether anybody ever joined a session, by SSM's status of it. What goes on record is what SSM says, before
 * anything is ended for it; undefined where somebody did, or SSM does not say: then it goes on until its time.
 */
export async function lookForClient(
  ports: Pick<SweeperPorts, "sessionWatch">,
  { exec }: RequestState,
  { attempt, sessionId }: Attempt & { sessionId: string },
): Promise<EventBody | undefined> {
  if (exec === undefined) return undefined;
  const seen = await ports.sessionWatch.seen(exec.place, sessionId);
  if (seen?.over !== false || seen.status !== NEVER_JOINED) return undefined;
  return {
    kind: "session.unclaimed",
    data: { attempt, sessionId, status: seen.status },
    values: {},
  };
}
