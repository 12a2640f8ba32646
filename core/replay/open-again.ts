import { judgedBy } from "../caller.ts";
import { chooseTask } from "../choose-task.ts";
import { SallyportError } from "../errors.ts";
import type { EventBody } from "../event-kinds.ts";
import { intentOf } from "../open.ts";
import { replace } from "../replace.ts";
import { handedOver } from "../replacement.ts";
import type { Attempt, RequestState } from "../request-state.ts";
import { mayOpen, rightToOpen } from "../right-to-open.ts";
import { rightToStay } from "../right-to-stay.ts";
import { askForEnd } from "../terminate.ts";
import { judgedOf } from "./caller.ts";
import type { Again } from "./making.ts";
import { corrupt } from "./record.ts";

export function openAgain({ policy, configuration, state, caller, event }: Again): EventBody {
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

/** That SSM did not show it as over is SSM's word. */
export function replaceAgain({ state, caller, event }: Again): EventBody {
  if (event.kind !== "replace.asked") throw new TypeError();
  return replace(state, caller, event.data.sessionId, judgedOf(event).at).body;
}

/** Where tasks were stopped, the deployment let them be: that is not on record. */
export function endAgain({ policy, configuration, state, caller, event }: Again): EventBody {
  if (event.kind !== "end.asked") throw new TypeError();
  const { data, values } = event;
  const input = {
    attempt: attemptOf(state, data.attempt),
    sessionId: data.sessionId,
    stopTask: data.stopTask === true,
    comment: values.comment,
    bodyHash: values.body ?? "",
    repeat: data.repeat,
  };
  return askForEnd(policy, configuration, state, caller, input, true, judgedOf(event).at);
}

/** That its requester could not open it any more; how it ended is SSM's word, or ECS's. */
export function stayAgain({ policy, configuration, state, event }: Again): EventBody {
  if (event.kind !== "session.ended" && event.kind !== "end.unverified") throw new TypeError();
  const attempt = attemptOf(state, event.data.attempt);
  const stay = rightToStay(policy, configuration, state, attempt, judgedOf(event).at);
  if (stay.kind === "unjudged") throw corrupt("the rules engine is lost");
  if (stay.kind === "kept") {
    throw new SallyportError("not_permitted", "its requester could still open it");
  }
  const { judged } = stay;
  return event.kind === "session.ended"
    ? { kind: event.kind, data: { ...event.data, judged }, values: event.values }
    : { kind: event.kind, data: { ...event.data, judged }, values: event.values };
}

function attemptOf({ attempts }: RequestState, attempt: number): Attempt {
  const found = attempts.find((one) => one.attempt === attempt);
  if (found === undefined) throw corrupt("no such attempt was made");
  return found;
}
