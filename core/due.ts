import type { EpochMillis } from "./clock.ts";
import { isoTime } from "./clock.ts";
import { type EventBody, isOfRequest } from "./event-kinds.ts";

/**
 * So long after an intent its call is over for certain: ExecuteCommand goes out within ten seconds of it, and
 * the function that sent it is cut off by then.
 */
export const SETTLE_MS = 60_000;

/** A session that nobody has joined by then was handed over to nobody. */
export const UNCLAIMED_MS = 2 * 60_000;

/** The sweeper runs each minute, and needs a moment: what has to end is ended by then, or on record as unverified. */
export const ENDED_WITHIN_MS = 70_000;

/**
 * When somebody has to look at a request again because of this event: at a deadline it sets, at once where it
 * ends something. Empty where nothing becomes due by it. Whether there is anything to do is decided by the
 * chain as it is then.
 */
export function dueBy(event: EventBody & { at: EpochMillis }): EpochMillis[] {
  const { at } = event;
  // What it voids has to end at once; nothing else of another chain than a request's becomes due.
  if (event.kind === "restore.fence") return [at];
  if (!isOfRequest(event)) return [];
  switch (event.kind) {
    case "request.asked": {
      const { expiresAt, lapsesAt } = event.data;
      // What approved itself may wait again, when the rules change.
      return expiresAt === null ? [lapsesAt] : [expiresAt, lapsesAt];
    }
    case "glass.broken":
      return [event.data.expiresAt];
    case "activation.asked":
      return [event.data.lapsesAt];
    case "decision.approved":
      return event.data.grant === null ? [] : [event.data.grant.expiresAt];
    case "extension.asked":
    case "extension.approved":
      return event.data.grant === null ? [] : [event.data.grant.expiresAt];
    case "exec.intent":
    // By then whoever wanted another has ended it, or nobody will.
    case "replace.asked":
      return [at + SETTLE_MS];
    case "session.opened":
      return [event.data.delivered ? at + UNCLAIMED_MS : at];
    case "session.unclaimed":
    case "request.cancelled":
    case "request.revoked":
    case "end.asked":
      return [at];
    case "end.unverified":
      return [event.data.nextAt];
    case "request.refused":
    case "request.recarded":
    case "request.expired":
    case "decision.denied":
    case "extension.denied":
    case "exec.failed":
    case "exec.unknown":
    case "exec.settled":
    case "session.ended":
    case "glass.reviewed":
      return [];
  }
}

/** The index partition of what is due in a minute: `DUE#2026-11-24T08:20Z`. */
export function duePartition(at: EpochMillis): string {
  return `DUE#${isoTime(at).slice(0, 16)}Z`;
}
