import type { Caller } from "../core/caller.ts";
import { closed, whatBecame } from "../core/decided-elsewhere.ts";
import { nextEvent } from "../core/event.ts";
import { foldRequest } from "../core/fold-request.ts";
import { type RequestState, statusAt } from "../core/request-state.ts";
import { type Activated, CONF, requireActivated } from "./activated.ts";
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
 * ended by the sweeper, which the stream wakes, and the answer names them. `requireAllowed` throws where this caller may not.
 */
export async function stopRequest<Ports extends CommonPorts>(
  call: Call,
  ports: Ports,
  how: {
    kind: "request.cancelled" | "request.revoked";
    step: "cancel" | "revoke";
    comment: string | undefined;
    requireAllowed(configuration: Activated, state: RequestState, caller: Caller): void;
  },
): Promise<Answer> {
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/${how.step}`);
  return await commit(ports, call.deadline, async () => {
    const [configuration, loaded] = await Promise.all([
      requireActivated(ports.events),
      loadRequest(ports.events, id),
    ]);
    const caller = identify(configuration, call.principal, ports.deployment);
    const { state, stored } = visible(ports, configuration, caller, loaded);
    const now = ports.clock.now();
    const answer = (s: RequestState): Answer => ({
      status: 200,
      body: requestView(s, configuration, now, beingEnded(s)),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: answer(state) };
    how.requireAllowed(configuration, state, caller);
    const status = statusAt(state, now);
    if (status !== "pending" && status !== "approved") {
      throw closed(whatBecame(state, status), state.decisions, status);
    }
    const event = nextEvent(
      state.tail,
      {
        kind: how.kind,
        data: { person: caller.id, ...(repeat === undefined ? {} : { repeat }) },
        values: {
          body: call.bodyHash,
          ...(how.comment === undefined ? {} : { comment: how.comment }),
        },
      },
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: [{ chain: CONF, seq: configuration.seq }],
      result: answer(foldRequest(id, [...stored, event])),
    };
  });
}
