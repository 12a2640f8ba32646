import { SallyportError } from "./errors.ts";
import type { Event } from "./event.ts";
import type { EventKind } from "./event-kinds.ts";
import { pendingExtension } from "./extension.ts";
import { gaveWay, handedOver, type Replaced } from "./replacement.ts";
import { type Attempt, goesOn, type RequestState, type Stage } from "./request-state.ts";

/** A request's chain may hold so many events; after that only closing ones. */
export const CHAIN_LIMIT = 1_000;

/** What may be told of a session once it is there. */
const afterwards: readonly EventKind[] = [
  "session.unclaimed",
  "session.ended",
  "end.unverified",
  "end.asked",
  "exec.settled",
  "glass.reviewed",
];
const outcomes: readonly EventKind[] = [
  "session.opened",
  "exec.failed",
  "exec.unknown",
  ...afterwards,
];

/** The one table of legal transitions: which events may come next at each stage. */
export const transitions: { [S in Stage]: readonly EventKind[] } = {
  absent: ["request.asked", "request.refused", "activation.asked", "glass.broken"],
  pending: [
    "decision.approved",
    "decision.denied",
    "request.cancelled",
    "request.recarded",
    "request.revoked",
    "request.expired",
  ],
  approved: [
    "exec.intent",
    "replace.asked",
    "extension.asked",
    "extension.approved",
    "extension.denied",
    "request.cancelled",
    "request.recarded",
    "request.revoked",
    "session.opened",
    "exec.failed",
    "exec.unknown",
    ...afterwards,
    "request.expired",
  ],
  // An intent that was on record before the end may still have its outcome told.
  closed: outcomes,
  lapsed: outcomes,
  refused: [],
  denied: [],
  cancelled: outcomes,
  revoked: outcomes,
};

/** Allowed beyond the chain's limit: they end something or tell an outcome. */
const closing: readonly EventKind[] = [
  "request.cancelled",
  "request.revoked",
  "request.expired",
  "decision.denied",
  ...outcomes,
];

/**
 * Attempts that hold a use of the grant: all but those that started nothing, of which nothing is left, or that
 * gave way to another.
 */
export function usesTaken(state: RequestState): Attempt[] {
  return state.attempts.filter(
    (attempt) => attempt.state !== "failed" && attempt.state !== "settled" && !gaveWay(attempt),
  );
}

/**
 * Why an event may not come next, or undefined when it may. Guards beyond the table: outcomes belong to
 * an attempt that is still opening, an intent needs a free use, a person decides once per card.
 */
export function illegal(
  state: RequestState,
  event: Pick<Event, "kind"> & { data: unknown },
): string | undefined {
  const kind = event.kind;
  if (!transitions[state.stage].includes(kind)) return `${kind} cannot follow while ${state.stage}`;
  if (state.tail.seq >= CHAIN_LIMIT && !closing.includes(kind)) return "the chain is full";
  const data = event.data as {
    attempt?: number;
    person?: string;
    replaces?: Replaced;
    tries?: number;
  };
  const extension = event.data as { number?: number };
  const attempt = state.attempts.find((a) => a.attempt === data.attempt);
  if (kind === "exec.intent") {
    if (usesTaken(handedOver(state, data.replaces, 0)).length > 0) {
      return "the one use of the grant is taken";
    }
    if (data.attempt !== state.attempts.length + 1) return "attempts are numbered without gaps";
  }
  if (kind === "extension.asked" && extension.number !== state.extensions.length + 1) {
    return "extensions are numbered without gaps";
  }
  if (kind === "extension.approved" || kind === "extension.denied") {
    const waits = pendingExtension(state);
    if (waits?.number !== extension.number) return "no such extension waits";
    if (data.person === state.requester.person) return "nobody decides on their own request";
    if (waits?.decisions.some((d) => d.person === data.person) === true) {
      return "this person has decided on this card";
    }
  }
  if (kind === "session.opened" || kind === "exec.failed" || kind === "exec.unknown") {
    if (attempt?.state !== "opening") return "its attempt is not waiting for an outcome";
  }
  if (
    kind === "session.ended" ||
    kind === "session.unclaimed" ||
    kind === "end.unverified" ||
    kind === "end.asked" ||
    kind === "replace.asked"
  ) {
    if (attempt?.state !== "opened") return "no session of that attempt goes on";
  }
  if (kind === "glass.reviewed" && state.breakGlass?.review !== undefined)
    return "it was reviewed already";
  if (kind === "glass.reviewed" && state.breakGlass === undefined) return "no review is owed";
  if (kind === "glass.reviewed" && goesOn(state)) return "what goes on cannot be reviewed yet";
  if (
    kind === "replace.asked" &&
    state.attempts.some(({ replaceAskedAt }) => replaceAskedAt !== undefined)
  ) {
    return "one use is replaced once";
  }
  if (kind === "replace.asked" && attempt?.endAskedBy !== undefined) {
    return "that session has to end, and nothing comes in its place";
  }
  if (kind === "end.unverified" && data.tries !== (attempt?.unverified?.tries ?? 0) + 1) {
    return "that try is on record, or the one before it is not";
  }
  if (kind === "session.unclaimed" && attempt?.isUnclaimed === true) return "it is known";
  if (kind === "request.expired" && goesOn(state))
    return "what was started under it may be running";
  if (kind === "exec.settled" && attempt?.state !== "opening" && attempt?.state !== "unknown") {
    return "that attempt is not one whose outcome is unknown";
  }
  if (kind === "decision.approved" || kind === "decision.denied") {
    if (data.person === state.requester.person) return "nobody decides on their own request";
    if (state.decisions.some((d) => d.counts && d.person === data.person)) {
      return "this person has decided on this card";
    }
  }
  return undefined;
}

/** Throws `chain_full` when only closing events may still follow: before anything is sent for one that may not. */
export function requireRoom(state: RequestState): void {
  if (state.tail.seq < CHAIN_LIMIT) return;
  throw new SallyportError("chain_full", `the request has ${state.tail.seq} events`, {
    hint: "ask again with a new request",
  });
}
