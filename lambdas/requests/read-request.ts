import { emptyQuery, getRequestQuery } from "../../api/query-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadRequest, readable, visible } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { requestView } from "../request-view.ts";

const POLL_MS = 400;

/** One request. With `waitSeconds` and `after`, answers as soon as it has an event beyond that number. */
export async function getRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const query = parseQuery(getRequestQuery, call.query);
  const until = Math.min(ports.clock.now() + (query.waitSeconds ?? 0) * 1_000, call.deadline);
  let told = false;
  for (;;) {
    const configuration = await requireActivated(ports.events);
    const caller = await identify(configuration, call.principal, ports);
    const loaded = await loadRequest(ports.events, call.parameters["id"] ?? "", configuration);
    // One call is one read, however often it looks.
    const { state } = told
      ? visible(ports, configuration, caller, loaded)
      : await readable(ports, call, configuration, caller, loaded);
    told = true;
    const now = ports.clock.now();
    if (state.tail.seq > (query.after ?? -1) || now + POLL_MS >= until) {
      return { status: 200, body: requestView(state, configuration, now) };
    }
    await ports.clock.sleep(POLL_MS);
  }
}

/** Its chain as it is stored, so that whoever may see the request can verify it for themselves. */
export async function getRequestEvents(call: Call, ports: RequestsPorts): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const loaded = await loadRequest(ports.events, call.parameters["id"] ?? "", configuration);
  const { stored } = await readable(ports, call, configuration, caller, loaded);
  return { status: 200, body: { items: stored, asOf: isoTime(ports.clock.now()) } };
}
