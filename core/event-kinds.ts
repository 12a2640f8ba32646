import type { AskedKinds } from "./kinds/asked.ts";
import type { BrokeKinds } from "./kinds/broke.ts";
import type { ConfiguredKinds } from "./kinds/configured.ts";
import type { DecidedKinds } from "./kinds/decided.ts";
import type { ExtendedKinds } from "./kinds/extended.ts";
import type { Judged } from "./kinds/judged.ts";
import type { LockKinds } from "./kinds/locks.ts";
import type { OpenedKinds } from "./kinds/opened.ts";
import type { ReadKinds } from "./kinds/read.ts";
import type { RefusedKinds } from "./kinds/refused.ts";
import type { SweptKinds } from "./kinds/swept.ts";
import type { WatchedKinds } from "./kinds/watched.ts";

/** Who writes it: each family has one Lambda function, or the recovery role, pinned by IAM through the attribute's name. */
export const families = [
  "asked",
  "decided",
  "broke",
  "configured",
  "opened",
  "swept",
  "watched",
  "read",
  "restored",
] as const;
export type Family = (typeof families)[number];

/** Every kind of event: the family it is stored under, and the chains it may stand on. */
export const eventKinds = {
  "request.asked": { family: "asked", chains: ["REQ"] },
  "request.refused": { family: "asked", chains: ["REQ"] },
  "request.cancelled": { family: "asked", chains: ["REQ"] },
  "activation.asked": { family: "configured", chains: ["REQ"] },
  "decision.approved": { family: "decided", chains: ["REQ"] },
  "decision.denied": { family: "decided", chains: ["REQ"] },
  "request.recarded": { family: "decided", chains: ["REQ"] },
  "request.revoked": { family: "decided", chains: ["REQ"] },
  // The glass broken, how often by one person in a day, and what somebody else says of it.
  "glass.broken": { family: "broke", chains: ["REQ"] },
  "glass.counted": { family: "broke", chains: ["GLASS"] },
  "glass.reviewed": { family: "broke", chains: ["REQ"] },
  // Of what was done outside the gateway: on a chain of its own, for who reviews is to have no hand on the watcher's.
  "last_resort.reviewed": { family: "broke", chains: ["REVIEW"] },
  "extension.asked": { family: "decided", chains: ["REQ"] },
  "extension.approved": { family: "decided", chains: ["REQ"] },
  "extension.denied": { family: "decided", chains: ["REQ"] },
  "exec.intent": { family: "opened", chains: ["REQ"] },
  "session.opened": { family: "opened", chains: ["REQ"] },
  "exec.failed": { family: "opened", chains: ["REQ"] },
  "exec.unknown": { family: "opened", chains: ["REQ"] },
  // Its owner has lost a session, and wants another in its place.
  "replace.asked": { family: "opened", chains: ["REQ"] },
  // Who is in a container, and where a person is.
  "hold.taken": { family: "opened", chains: ["SLOT", "PERSON"] },
  "hold.returned": { family: "opened", chains: ["SLOT", "PERSON"] },
  "hold.released": { family: "swept", chains: ["SLOT", "PERSON"] },
  // What the sweeper ends, finds ended, or cannot end.
  "session.unclaimed": { family: "swept", chains: ["REQ"] },
  "session.ended": { family: "swept", chains: ["REQ"] },
  "end.unverified": { family: "swept", chains: ["REQ"] },
  "exec.settled": { family: "swept", chains: ["REQ"] },
  "request.expired": { family: "swept", chains: ["REQ"] },
  "end.asked": { family: "decided", chains: ["REQ"] },
  // What is locked, and who unlocks it.
  "lock.set": { family: "decided", chains: ["LOCK"] },
  "lock.release_asked": { family: "decided", chains: ["LOCK"] },
  "lock.released": { family: "decided", chains: ["LOCK"] },
  "policy.activated": { family: "configured", chains: ["CONF"] },
  // That the table is a copy of another one, and what that one had given is void.
  "restore.fence": { family: "restored", chains: ["CONF"] },
  // A call that was read and refused, on a chain of its own: one kind for each function that refuses.
  "call.refused": { family: "asked", chains: ["REFUSED"] },
  "decision.refused": { family: "decided", chains: ["REFUSED"] },
  "open.refused": { family: "opened", chains: ["REFUSED"] },
  // Those that are none of these, by caller and minute: nobody's refusals make the record grow without bound.
  "refusals.counted": { family: "swept", chains: ["REFUSED"] },
  // The sweeper hears of it, for it reads the stream; it stands with what the watcher finds.
  "item.touched": { family: "swept", chains: ["WATCH"] },
  "record.read": { family: "read", chains: ["READ"] },
  // What the watcher finds when it compares the record with what AWS saw, by account and day.
  "call.matched": { family: "watched", chains: ["WATCH"] },
  "call.differed": { family: "watched", chains: ["WATCH"] },
  "call.missing": { family: "watched", chains: ["WATCH"] },
  "session.unknown": { family: "watched", chains: ["WATCH"] },
  "decision.unwitnessed": { family: "watched", chains: ["WATCH"] },
  "record.touched": { family: "watched", chains: ["WATCH"] },
  "last_resort.used": { family: "watched", chains: ["WATCH"] },
} as const satisfies { [kind: string]: { family: Family; chains: readonly string[] } };

export type EventKind = keyof typeof eventKinds;

/** The kinds that stand on the chain of a request. */
export type RequestKind = {
  [K in EventKind]: "REQ" extends (typeof eventKinds)[K]["chains"][number] ? K : never;
}[EventKind];

/** Whether an event is one of a request's: those of other chains change nothing about it. */
export function isOfRequest<E extends { kind: EventKind }>(
  event: E,
): event is Extract<E, { kind: RequestKind }> {
  return (eventKinds[event.kind].chains as readonly string[]).includes("REQ");
}

interface Kinds
  extends AskedKinds,
    DecidedKinds,
    BrokeKinds,
    LockKinds,
    ExtendedKinds,
    ConfiguredKinds,
    OpenedKinds,
    SweptKinds,
    RefusedKinds,
    ReadKinds,
    WatchedKinds {}

/** What happened, by kind: `data` stands in the leaf, of `values` only the commitments do. */
export type EventBody = {
  [K in EventKind]: { kind: K; data: Kinds[K]["data"]; values: Kinds[K]["values"] };
}[EventKind];

/** An event that says what it was decided by: what every function that decides makes. */
export type Judging = EventBody & { data: { judged: Judged } };
