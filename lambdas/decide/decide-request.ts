import { decisionSchema } from "../../api/decision-schemas.ts";
import { decide } from "../../core/decide.ts";
import { decideExtension } from "../../core/decide-extension.ts";
import { nextEvent } from "../../core/event.ts";
import { extensionOf } from "../../core/extension.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { agreedTo, lockableOf, requireAgreedUnlocked, requireUnlocked } from "../../core/locked.ts";
import { aboutRequest, fencedOn } from "../about-request.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import type { DecidePorts } from "../ports.ts";
import { onRecord } from "../refusals.ts";
import { isRepeat, repeatable } from "../repeat.ts";
import { requestView } from "../request-view.ts";
import { activatedEvent, checkTexts } from "./activation.ts";

/**
 * One person's decision on one card, of a request or of more time for it, fenced on the activated set and the
 * locks: if either moved while we were deciding, nothing is written and we decide again on what is there now.
 * The decision that completes an activation puts the new set in force in the same transaction.
 */
export async function decideRequest(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(decisionSchema, call.body);
  checkProse(body);
  const id = call.parameters["id"] ?? "";
  const repeat = repeatable(call, `POST /v1/requests/${id}/decisions`);

  const tell = await commit<() => Answer>(ports, call.deadline, async () => {
    const { configuration, locks, caller, state, stored } = await aboutRequest(call, ports, id);
    const now = ports.clock.now();
    const as = (s: typeof state) => (): Answer => ({
      status: 200,
      body: requestView(s, configuration, now),
    });
    if (isRepeat(state, call, repeat)) return { events: [], result: as(state) };
    const input = { ...body, comment: body.comment, bodyHash: call.bodyHash, repeat };
    const extension = extensionOf(state, body.digest);
    const { policy } = ports;
    const decided =
      extension === undefined
        ? decide(policy, configuration, state, caller, input, now)
        : decideExtension(policy, configuration, state, extension, caller, input, now);
    if (decided.kind === "repeated") return { events: [], result: as(state) };
    if (body.decision === "approve") {
      // Neither by whoever is locked or beside them, nor of what is. A denial gives nobody anything.
      const asked = lockableOf(state, configuration.directory);
      const beside = agreedTo(extension ?? state, configuration.directory);
      const people = [caller, ...asked.people];
      requireUnlocked(policy, configuration, locks, { ...asked, people }, now);
      requireAgreedUnlocked(policy, configuration, locks, beside, now);
    }
    const by = circumstancesOf(call, ports, configuration, caller, now);
    const event = nextEvent(state.tail, decided.body, by);
    const events = [event];
    if (
      decided.kind === "append" &&
      "completes" in decided &&
      decided.completes &&
      state.activation !== undefined
    ) {
      await checkTexts(ports, state.activation.texts);
      const activated = await activatedEvent(ports, state, by);
      if (activated === undefined) return "again";
      events.push(activated);
    }
    return {
      events,
      fences: fencedOn(configuration, locks),
      result:
        decided.kind === "recard"
          ? () => {
              throw onRecord(decided.error);
            }
          : as(foldRequest(id, [...stored, event], configuration.fences)),
    };
  });
  return tell();
}
