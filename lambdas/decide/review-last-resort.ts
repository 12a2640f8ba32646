import { reviewSchema } from "../../api/decision-schemas.ts";
import { emptyTail, nextEvent, readEvent } from "../../core/event.ts";
import { reviewChain, type UseReview } from "../../core/last-resort-use.ts";
import { requireUnlocked } from "../../core/locked.ts";
import { reviewLastResort as review, useReadRight } from "../../core/review-last-resort.ts";
import { fencedOn } from "../about-request.ts";
import { requireActivated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { type LoadedUse, loadUseOf, noSuchUse, useView } from "../last-resort-uses.ts";
import { loadLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { repeatable, requireSameBody } from "../repeat.ts";

/**
 * What another person says of a use of the role outside the gateway, once, and once all of it is on record. Of two who
 * say it at once one finds its number taken, looks again, and is told who was first. Repeated with its key it answers
 * the same and changes nothing. Throws `not_on_record` to whoever may not see it, `locked` where the reviewer is, and
 * what `reviewLastResort` throws.
 */
export async function reviewLastResort(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(reviewSchema, call.body);
  checkProse(body);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/last-resort/${id}/review`);
  return await commit(ports, call.deadline, async () => {
    const set = requireActivated(ports.events);
    const [configuration, locks, use] = await Promise.all([
      set,
      loadLocks(ports.events, set),
      loadUseOf(ports.events, id),
    ]);
    const caller = await identify(configuration, call.principal, ports);
    if (use === undefined) throw noSuchUse();
    if (useReadRight(ports.policy, configuration, use, caller) === undefined) throw noSuchUse();
    const now = ports.clock.now();
    const told = (one: LoadedUse): Answer => ({
      status: 200,
      body: useView(one, configuration.directory, now),
    });
    if (repeat !== undefined && use.review?.data.repeat?.keyHash === repeat.keyHash) {
      requireSameBody(use.review.values.body, call);
      return { events: [], result: told(use) };
    }
    requireUnlocked(ports.policy, configuration, locks, { people: [caller] }, now);
    const input = { ...body, bodyHash: call.bodyHash, repeat, id, seen: use.seen };
    const event = nextEvent(
      emptyTail(reviewChain(use.key)),
      review(ports.policy, configuration, use, caller, input, now),
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: fencedOn(configuration, locks),
      result: told({ ...use, review: readEvent(event) as UseReview }),
    };
  });
}
