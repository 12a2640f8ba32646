import { extensionSchema } from "../../api/decision-schemas.ts";
import { nextEvent } from "../../core/event.ts";
import { extend } from "../../core/extend.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { lockableOf, requireUnlocked } from "../../core/locked.ts";
import { aboutRequest, fencedOn } from "../about-request.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import type { DecidePorts } from "../ports.ts";
import { isRepeat, repeatable } from "../repeat.ts";
import { requestView } from "../request-view.ts";

/**
 * Asks for more time under a grant that lasts: a new decision, on a card of its own. Fenced on the activated
 * set and the locks, as decisions are. Throws `locked`, what `extend` throws, and `idempotency_conflict`.
 */
export async function extendRequest(call: Call, ports: DecidePorts): Promise<Answer> {
  const { minutes, reason } = checked(call);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/extensions`);

  return await commit<Answer>(ports, call.deadline, async () => {
    const { configuration, locks, caller, state, stored } = await aboutRequest(call, ports, id);
    const now = ports.clock.now();
    const answer = (s: typeof state): Answer => ({
      status: 201,
      body: requestView(s, configuration, now),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: answer(state) };
    const lockable = lockableOf(state, configuration.directory);
    requireUnlocked(ports.policy, configuration, locks, lockable, now);
    const wish = { minutes, reason, bodyHash: call.bodyHash, repeat };
    const event = nextEvent(
      state.tail,
      extend(ports.policy, configuration, state, caller, wish, now),
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: fencedOn(configuration, locks),
      result: answer(foldRequest(id, [...stored, event], configuration.fences)),
    };
  });
}

function checked(call: Call): { minutes: number; reason: string } {
  const body = parseBody(extensionSchema, call.body);
  checkProse(body);
  return body;
}
