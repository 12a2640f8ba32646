import { listSessionsQuery } from "../../api/query-schemas.ts";
import type { SessionView } from "../../api/session-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import type { RequestsPorts } from "../ports.ts";
import { sessionViews } from "../session-view.ts";
import { daysOf, rangeOf, walkViews } from "./walk-views.ts";

const PAGE = 25;

/**
 * Sessions of the requests that the caller may see, asked within the last 30 days or the range given. Rows of
 * the views only locate the requests: what is said of a session is folded from its request's chain.
 */
export async function listSessions(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(listSessionsQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const now = ports.clock.now();
  const range = rangeOf(query, now);
  const requester = query.requester === "me" ? caller.id : query.requester;
  const items: SessionView[] = [];
  const cursor = await walkViews(call, ports, configuration, caller, {
    list: "sessions",
    indexes: requester === undefined ? daysOf(range) : [{ by: "requester", requester }],
    range,
    cursor: query.cursor,
    enough: () => items.length >= PAGE,
    take(state) {
      const found = sessionViews(state, now).filter(
        (s) => query.state === undefined || s.state === query.state,
      );
      items.push(...found);
      return found.length === 0 ? 0 : JSON.stringify(found).length;
    },
  });
  return {
    status: 200,
    body: { items, ...(cursor === undefined ? {} : { cursor }), asOf: isoTime(now) },
  };
}
