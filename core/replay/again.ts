import { askSeen } from "../ask.ts";
import { isReading } from "../belongs/asked.ts";
import { type Caller, judgedBy } from "../caller.ts";
import { chooseTask } from "../choose-task.ts";
import { IMAGE_DIGEST, type Seen, type Wish } from "../consider.ts";
import { decide } from "../decide.ts";
import { SallyportError } from "../errors.ts";
import type { Event } from "../event.ts";
import type { EventBody, EventKind } from "../event-kinds.ts";
import { intentOf } from "../open.ts";
import type { Configuration, PolicyEngine } from "../policy-engine.ts";
import { propose } from "../propose.ts";
import { handedOver } from "../replacement.ts";
import type { RequestState } from "../request-state.ts";
import { mayOpen, rightToOpen } from "../right-to-open.ts";
import { stop } from "../stop.ts";
import { judgedOf } from "./caller.ts";
import { corrupt, type TakenRecord } from "./record.ts";

/** What a decision is made again with. */
export interface Again {
  policy: PolicyEngine;
  record: TakenRecord;
  configuration: Configuration;
  /** Before the event. */
  state: RequestState;
  caller: Caller;
  event: Event;
}

/** Answers the event that the decision makes now; throws what the decision throws. */
type MakeAgain = (again: Again) => EventBody;

/**
 * How each kind of event is decided again. What is no decision tells an outcome, or what followed by itself;
 * a refused call is not kept with what it was refused for, since that may be what should not be stored.
 */
export const decisionsAgain: { [K in EventKind]: MakeAgain | "no decision" | "not kept" } = {
  "request.asked": askAgain,
  "request.refused": askAgain,
  "request.cancelled": stopAgain,
  "request.revoked": stopAgain,
  "activation.asked": proposeAgain,
  "decision.approved": decideAgain,
  "decision.denied": decideAgain,
  "request.recarded": decideAgain,
  "exec.intent": openAgain,
  // By replay-event.ts: it has no caller of its own to judge.
  "policy.activated": impossible,
  "restore.fence": "no decision",
  "session.opened": "no decision",
  "exec.failed": "no decision",
  "exec.unknown": "no decision",
  "hold.taken": "no decision",
  "hold.returned": "no decision",
  "hold.released": "no decision",
  "session.ended": "no decision",
  "end.unverified": "no decision",
  "exec.settled": "no decision",
  "request.expired": "no decision",
  // Decisions whose inputs are not kept with them.
  "end.asked": "not kept",
  "replace.asked": "not kept",
  "extension.asked": "not kept",
  "extension.approved": "not kept",
  "extension.denied": "not kept",
  "glass.broken": "not kept",
  "glass.reviewed": "not kept",
  "lock.set": "not kept",
  "lock.release_asked": "not kept",
  "lock.released": "not kept",
  "glass.counted": "no decision",
  "refusals.counted": "no decision",
  "session.unclaimed": "no decision",
  "call.refused": "no decision",
  "decision.refused": "no decision",
  "open.refused": "no decision",
  "record.read": "no decision",
};

function impossible({ event }: Again): never {
  throw new TypeError(`${event.kind} is decided elsewhere`);
}

function askAgain({ policy, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "request.asked" && event.kind !== "request.refused") throw new TypeError();
  const { data, values } = event;
  const { judged, resource, target } = data;
  if (resource.kind === "gateway") throw corrupt("nobody runs a command in the gateway");
  if (!isReading(values.command, values.argv, values.facts)) {
    throw corrupt("the words or facts are not those of the command");
  }
  const asked = event.kind === "request.asked" ? event.data : undefined;
  const seen: Seen = {
    place: asked?.place ?? { account: resource.account, region: resource.region },
    resource,
    target: { ...target, pinnedRevision: null, pinnedImage: null },
    revision: judged.revision ?? null,
    image: judged.image ?? null,
    findings: data.preflight.filter(({ check }) => check !== IMAGE_DIGEST),
    transcript: asked?.transcript ?? "none",
  };
  const wish: Wish = {
    command: values.command,
    argv: values.argv,
    facts: values.facts,
    reason: values.reason,
    ticket: values.ticket,
    durationMinutes: judged.wished ?? undefined,
    startAt: asked?.startAt,
    bodyHash: values.body,
    repeat: data.repeat,
  };
  return askSeen(policy, configuration, caller, seen, wish, judgedOf(event).at).body;
}

function decideAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  const given =
    event.kind === "decision.approved" || event.kind === "decision.denied" ? event : undefined;
  const decided = decide(
    policy,
    configuration,
    state,
    caller,
    {
      decision: event.kind === "decision.denied" ? "deny" : "approve",
      // A new card comes whichever digest was named.
      digest: given?.values.digest ?? "",
      comment: given?.values.comment,
      maxMinutes: given?.kind === "decision.approved" ? given.data.maxMinutes : undefined,
      bodyHash: given?.values.body ?? "",
      repeat: given?.data.repeat,
    },
    judgedOf(event).at,
  );
  if (decided.kind === "repeated") {
    throw new SallyportError("request_closed", "the same person had said the same already");
  }
  return decided.body;
}

function openAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "exec.intent") throw new TypeError();
  const { data } = event;
  const { at } = judgedOf(event);
  const { resource, revision, image } = data.judged;
  const { replaces } = data;
  const before = handedOver(state, replaces, at);
  mayOpen(before, caller, at);
  const right = rightToOpen(policy, configuration, before, caller, resource);
  const container = {
    name: data.container,
    runtimeId: data.runtimeId,
    ...(image === null ? {} : { imageDigest: image }),
  };
  // That it ran, and was the one to choose, is ECS's word; that it is one of those approved is looked at again.
  const task = {
    taskArn: data.taskArn,
    clusterArn: resource.kind === "gateway" ? "" : resource.clusterArn,
    taskDefinitionArn: revision,
    lastStatus: "RUNNING",
    enableExecuteCommand: true,
    containers: [{ ...container, containerArn: "", lastStatus: "RUNNING" }],
  };
  const choice = chooseTask(right.exec.target, [task]);
  if (choice.kind === "changed") throw new SallyportError("target_changed", choice.detail);
  const judged = { ...judgedBy(caller, at), resource };
  const chosen = { task, container, why: data.chosen };
  // That no lock stood against it is proved by the checker (core/verify-locks.ts).
  const intent = intentOf(before, right, chosen, data.slot, judged, data.locks);
  return replaces === undefined ? intent : { ...intent, data: { ...intent.data, replaces } };
}

function stopAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "request.cancelled" && event.kind !== "request.revoked") throw new TypeError();
  const { kind, data, values } = event;
  const input = { kind, comment: values.comment, bodyHash: values.body ?? "", repeat: data.repeat };
  return stop(policy, configuration, state, caller, input, judgedOf(event).at);
}

function proposeAgain({ policy, record, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "activation.asked") throw new TypeError();
  const { data, values } = event;
  return propose(
    policy,
    configuration,
    caller,
    {
      texts: record.textsOf(data.texts),
      hashes: data.texts,
      reason: values.reason,
      bodyHash: values.body,
      repeat: data.repeat,
    },
    judgedOf(event).at,
  );
}
