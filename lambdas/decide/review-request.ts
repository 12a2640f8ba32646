import { reviewSchema } from "../../api/decision-schemas.ts";
import { nextEvent } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requireUnlocked } from "../../core/locked.ts";
import { review } from "../../core/review.ts";
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
 * What another person says of a request for which the glass was broken, once, and once it is over. Throws
 * `locked` where the reviewer is, and what `visible` and `review` throw; nothing that was recorded is changed by
 * it, and no session is ended.
 */
export async function reviewRequest(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(reviewSchema, call.body);
  checkProse(body);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/review`);
  return await commit(ports, call.deadline, async () => {
    const { configuration, locks, caller, state, stored } = await aboutRequest(call, ports, id);
    const now = ports.clock.now();
    const told = (s: typeof state): Answer => ({
      status: 200,
      body: requestView(s, configuration, now),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: told(state) };
    requireUnlocked(ports.policy, configuration, locks, { people: [caller] }, now);
    const event = nextEvent(
      state.tail,
      review(
        ports.policy,
        configuration,
        state,
        caller,
        { verdict: body.verdict, comment: body.comment, bodyHash: call.bodyHash, repeat },
        now,
      ),
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: fencedOn(configuration, locks),
      result: told(foldRequest(id, [...stored, event], configuration.fences)),
    };
  });
}
