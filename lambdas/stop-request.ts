import { nextEvent } from "../core/event.ts";
import { foldRequest } from "../core/fold-request.ts";
import type { RequestState } from "../core/request-state.ts";
import { stop } from "../core/stop.ts";
import { CONF, requireActivated } from "./activated.ts";
import type { Answer, Call } from "./call.ts";
import { circumstancesOf } from "./circumstances.ts";
import { commit } from "./commit.ts";
import { identify } from "./identify.ts";
import { loadRequest, visible } from "./load-request.ts";
import type { CommonPorts } from "./ports.ts";
import { isRepeat, repeatable } from "./repeat.ts";
import { beingEnded, requestView } from "./request-view.ts";

/**
 * Ends a request that is pending or approved, by its requester or by somebody the rules allow. After it no
 * intent is appended, so nothing more reaches ECS but what was already under way; sessions that are open are
 * ended by the sweeper, which the stream wakes, and the answer names them.
 */
export async function stopRequest<Ports extends CommonPorts>(
  call: Call,
  ports: Ports,
  how: {
    kind: "request.cancelled" | "request.revoked";
    step: "cancel" | "revoke";
    comment: string | undefined;
  },
): Promise<Answer> {
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/${how.step}`);
  return await commit(ports, call.deadline, async () => {
    const set = requireActivated(ports.events);
    const [configuration, loaded] = await Promise.all([set, loadRequest(ports.events, id, set)]);
    const caller = await identify(configuration, call.principal, ports);
    const { state, stored } = visible(ports, configuration, caller, loaded);
    const now = ports.clock.now();
    const answer = (s: RequestState): Answer => ({
      status: 200,
      body: requestView(s, configuration, now, beingEnded(s)),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: answer(state) };
    const { kind, comment } = how;
    const input = { kind, comment, bodyHash: call.bodyHash, repeat };
    const event = nextEvent(
      state.tail,
      stop(ports.policy, configuration, state, caller, input, now),
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: [{ chain: CONF, seq: configuration.seq }],
      result: answer(foldRequest(id, [...stored, event], configuration.fences)),
    };
  });
}
