import { revokeSchema } from "../../api/request-schemas.ts";
import { actorOf, principalOfCaller } from "../../core/caller.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import { foldRequest, statusAt } from "../../core/request-state.ts";
import { CONF, requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody, withinBytes } from "../chain/parse.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { loadRequest, visible } from "../load-request.ts";
import type { DecidePorts } from "../ports.ts";
import { isRepeat, repeatable } from "../repeat.ts";
import { requestView, stillRunning } from "../request-view.ts";

/**
 * Takes a request back. After this no intent is appended, so nothing more reaches ECS but what was already
 * under way; sessions that are open run on, and the answer says so.
 */
export async function revokeRequest(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(revokeSchema, call.body);
  withinBytes(body);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/revoke`);
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
    const allowed = ports.policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action: "revoke",
      resource: state.resource,
    });
    if (allowed.kind === "deny")
      throw new SallyportError("not_permitted", "no rule lets you revoke this");
    const status = statusAt(state, now);
    if (status !== "pending" && status !== "approved") {
      throw new SallyportError("request_closed", `the request is ${status} already`, {
        members: { requestStatus: status },
      });
    }
    const event = nextEvent(
      state.tail,
      {
        kind: "request.revoked",
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
