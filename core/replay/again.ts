import type { Event } from "../event.ts";
import type { EventKind } from "../event-kinds.ts";
import { askAgain, glassAgain, proposeAgain } from "./ask-again.ts";
import {
  decideAgain,
  decideExtensionAgain,
  extendAgain,
  reviewAgain,
  reviewLastResortAgain,
  stopAgain,
} from "./decide-again.ts";
import { lockAgain, releaseAgain } from "./lock-again.ts";
import type { Again, MakeAgain } from "./making.ts";
import { endAgain, openAgain, replaceAgain, stayAgain } from "./open-again.ts";

/**
 * How each kind of event is decided again. What is no decision tells an outcome, or what followed by itself;
 * a refused call is not kept with what it was refused for, since that may be what should not be stored.
 */
export const decisionsAgain: { [K in EventKind]: MakeAgain | "no decision" } = {
  "request.asked": askAgain,
  "request.refused": askAgain,
  "request.cancelled": stopAgain,
  "request.revoked": stopAgain,
  "activation.asked": proposeAgain,
  "decision.approved": decideAgain,
  "decision.denied": decideAgain,
  "request.recarded": decideAgain,
  "extension.asked": extendAgain,
  "extension.approved": decideExtensionAgain,
  "extension.denied": decideExtensionAgain,
  "glass.broken": glassAgain,
  "glass.reviewed": reviewAgain,
  "exec.intent": openAgain,
  "replace.asked": replaceAgain,
  "end.asked": endAgain,
  "lock.set": lockAgain,
  "lock.release_asked": releaseAgain,
  "lock.released": releaseAgain,
  // Where its requester had lost the right to it.
  "session.ended": stayAgain,
  "end.unverified": stayAgain,
  // By replay-event.ts: it has no caller of its own to judge.
  "policy.activated": impossible,
  "restore.fence": "no decision",
  "session.opened": "no decision",
  "exec.failed": "no decision",
  "exec.unknown": "no decision",
  "hold.taken": "no decision",
  "hold.returned": "no decision",
  "hold.released": "no decision",
  "exec.settled": "no decision",
  "request.expired": "no decision",
  "glass.counted": "no decision",
  "refusals.counted": "no decision",
  "session.unclaimed": "no decision",
  "call.refused": "no decision",
  "decision.refused": "no decision",
  "open.refused": "no decision",
  "record.read": "no decision",
  "call.matched": "no decision",
  "call.differed": "no decision",
  "call.missing": "no decision",
  "session.unknown": "no decision",
  "decision.unwitnessed": "no decision",
  "record.touched": "no decision",
  "item.touched": "no decision",
  "last_resort.used": "no decision",
  "last_resort.reviewed": reviewLastResortAgain,
};

/** How an event is decided again; undefined for one that is no decision. */
export function decisionOf(event: Event): MakeAgain | undefined {
  const isEnd = event.kind === "session.ended" || event.kind === "end.unverified";
  // Of any other cause the record itself says whether it was there (core/belongs/swept.ts).
  if (isEnd && event.data.cause !== "right_lost") return undefined;
  const again = decisionsAgain[event.kind];
  return again === "no decision" ? undefined : again;
}

function impossible({ event }: Again): never {
  throw new TypeError(`${event.kind} is decided elsewhere`);
}
