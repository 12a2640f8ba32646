import { type DecisionInput, decide } from "../decide.ts";
import { decideExtension } from "../decide-extension.ts";
import { sha256Hex } from "../digest.ts";
import { SallyportError } from "../errors.ts";
import type { Event } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import { extend } from "../extend.ts";
import type { Use } from "../last-resort-use.ts";
import { review } from "../review.ts";
import { reviewLastResort } from "../review-last-resort.ts";
import { stop } from "../stop.ts";
import { callsIn, isOf, reviewedMisfit, reviewMisfit } from "../verify-last-resort.ts";
import { judgedOf } from "./caller.ts";
import type { Again } from "./making.ts";
import { corrupt } from "./record.ts";

type Said = "decision.approved" | "decision.denied" | "extension.approved" | "extension.denied";

export function decideAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  const given = event.kind === "decision.approved" || event.kind === "decision.denied";
  const decided = decide(
    policy,
    configuration,
    state,
    caller,
    // A new card comes whichever digest was named.
    given ? inputOf(event) : { ...nothingSaid, decision: "approve", digest: "" },
    judgedOf(event).at,
  );
  if (decided.kind === "repeated") throw saidAlready();
  return decided.body;
}

export function extendAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "extension.asked") throw new TypeError();
  const { minutes, repeat } = event.data;
  const { reason, body } = event.values;
  const wish = { minutes, reason, bodyHash: body, repeat };
  return extend(policy, configuration, state, caller, wish, judgedOf(event).at);
}

export function decideExtensionAgain(again: Again): EventBody {
  const { policy, configuration, state, caller, event } = again;
  if (event.kind !== "extension.approved" && event.kind !== "extension.denied")
    throw new TypeError();
  const extension = state.extensions.find(({ number }) => number === event.data.number);
  if (extension === undefined) throw corrupt("no such extension was asked for");
  const decided = decideExtension(
    policy,
    configuration,
    state,
    extension,
    caller,
    inputOf(event),
    judgedOf(event).at,
  );
  if (decided.kind === "repeated") throw saidAlready();
  return decided.body;
}

const nothingSaid = { comment: undefined, maxMinutes: undefined, bodyHash: "", repeat: undefined };

function inputOf(event: Event & { kind: Said }): DecisionInput {
  const isDenial = event.kind === "decision.denied" || event.kind === "extension.denied";
  return {
    decision: isDenial ? "deny" : "approve",
    digest: event.values.digest,
    comment: event.values.comment,
    maxMinutes: isDenial ? undefined : event.data.maxMinutes,
    bodyHash: event.values.body ?? "",
    repeat: event.data.repeat,
  };
}

function saidAlready(): SallyportError {
  return new SallyportError("request_closed", "the same person had said the same already");
}

export function stopAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "request.cancelled" && event.kind !== "request.revoked") throw new TypeError();
  const { kind, data, values } = event;
  const input = { kind, comment: values.comment, bodyHash: values.body ?? "", repeat: data.repeat };
  return stop(policy, configuration, state, caller, input, judgedOf(event).at);
}

export function reviewAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "glass.reviewed") throw new TypeError();
  const { verdict, repeat } = event.data;
  const { comment, body = "" } = event.values;
  const input = { verdict, comment, bodyHash: body, repeat };
  return review(policy, configuration, state, caller, input, judgedOf(event).at);
}

/** By the calls that it says it saw: they have to be there, as it saw them. */
export function reviewLastResortAgain(again: Again): EventBody {
  const { policy, record, configuration, caller, event } = again;
  if (event.kind !== "last_resort.reviewed") throw new TypeError();
  const { verdict, repeat, use: key, id, seen } = event.data;
  const stored = seen.flatMap(({ chain, seq }) => record.before(chain, seq + 1));
  const calls = callsIn(stored)
    .filter((call) => isOf(call, key))
    .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const [one, ...more] = calls;
  const leaves = new Map(stored.map((item) => [`${item.chain}/${item.seq}`, item.leaf]));
  const misfit =
    reviewMisfit(event) ??
    reviewedMisfit(event, calls, ({ chain, seq }) =>
      sha256Hex(leaves.get(`${chain}/${seq}`) ?? ""),
    );
  if (one === undefined || misfit !== undefined) throw corrupt(misfit ?? "its use is not there");
  const { comment, body } = event.values;
  const input = { verdict, comment, bodyHash: body, repeat, id, seen };
  const use = { key, calls: [one, ...more], review: undefined } satisfies Use;
  return reviewLastResort(policy, configuration, use, caller, input, judgedOf(event).at);
}
