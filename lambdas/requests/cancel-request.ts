import { cancelSchema } from "../../api/request-schemas.ts";
import { actorOf } from "../../core/caller.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import { foldRequest, statusAt } from "../../core/request-state.ts";
import { CONF, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody, withinBytes } from "../chain/parse.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest, visible } from "../load-request.ts";
import type { RequestsPorts } from "../ports.ts";
import { isRepeat, repeatable } from "../repeat.ts";
import { requestView, stillRunning } from "../request-view.ts";

/** Withdraws one's own request. No session opens after it; one that is open runs on, and the answer says so. */
export async function cancelRequest(call: Call, ports: RequestsPorts): Promise<Answer> {
  const body = parseBody(cancelSchema, call.body);
  withinBytes(body);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/cancel`);
  return await commit(ports, call.deadline, async () => {
    const [configuration, loaded] = await Promise.all([
      requireActivated(ports.events),
      loadRequest(ports.events, id),
    ]);
    const caller = identify(configuration, call.principal, ports.deployment);
    const { state, stored } = visible(ports, configuration, caller, loaded);
    const now = ports.clock.now();
    const answer = (s: typeof state): Answer => ({
      status: 200,
      body: requestView(s, configuration, now, stillRunning(s)),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: answer(state) };
    if (caller.id !== state.requester.person) {
      throw new SallyportError("not_permitted", "only the requester cancels", {
        hint: "whoever the rules allow can revoke: `sallyport revoke ID`",
      });
    }
    const status = statusAt(state, now);
    if (status !== "pending" && status !== "approved") {
      throw new SallyportError("request_closed", `the request is ${status} already`, {
        members: { requestStatus: status },
      });
    }
    const event = nextEvent(
      state.tail,
      {
        kind: "request.cancelled",
        data: { person: caller.id, ...(repeat === undefined ? {} : { repeat }) },
        values: {
          body: call.bodyHash,
          ...(body.comment === undefined ? {} : { comment: body.comment }),
        },
      },
      {
        actor: actorOf(caller),
        configuration: { seq: configuration.seq, hash: configuration.hash },
        call: call.call,
        now,
        random: ports.random,
      },
    );
    return {
      events: [event],
      fences: [{ chain: CONF, seq: configuration.seq }],
      result: answer(foldRequest(id, [...stored, event])),
    };
  });
}
