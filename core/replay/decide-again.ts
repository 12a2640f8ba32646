import { type DecisionInput, decide } from "../decide.ts";
import { decideExtension } from "../decide-extension.ts";
import { SallyportError } from "../errors.ts";
import type { Event } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import { extend } from "../extend.ts";
import { review } from "../review.ts";
import { stop } from "../stop.ts";
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
