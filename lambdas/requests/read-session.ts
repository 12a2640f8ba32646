import { emptyQuery } from "../../api/query-schemas.ts";
import { SallyportError } from "../../core/errors.ts";
import { readRight } from "../../core/may-read.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadRequest } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { recordRead } from "../record-read.ts";
import { SESSION_ID, sessionViews } from "../session-view.ts";

/**
 * One session, from the record alone: an index written with `session.opened` leads to the chain, and only
 * what that chain says counts. To whoever may not see its request, it is as absent as one that never was.
 */
export async function getSession(call: Call, ports: RequestsPorts): Promise<Answer> {
  parseQuery(emptyQuery, call.query);
  const id = call.parameters["sessionId"] ?? "";
  const configuration = await requireActivated(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const chains = SESSION_ID.test(id) ? await ports.events.chainsOfSession(id) : [];
  for (const chain of chains) {
    const { state } = await loadRequest(ports.events, chain.slice("REQ#".length), configuration);
    const session = sessionViews(state, ports.clock.now()).find((s) => s.sessionId === id);
    const right = readRight(ports.policy, configuration, state, caller);
    if (session === undefined || right === undefined) continue;
    if (right === "audit")
      await recordRead(ports, call, configuration, caller, { kind: "session", id });
    return { status: 200, body: session };
  }
  throw new SallyportError("session_not_found", "no such session, or none that you may see", {
    hint: "`sallyport sessions` lists those you may see",
  });
}
