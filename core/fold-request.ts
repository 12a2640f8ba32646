import { misfit } from "./belongs.ts";
import { denials, denialsNeeded } from "./denials.ts";
import { SallyportError } from "./errors.ts";
import { type Event, type RequestEvent, readEvent, type StoredEvent, tailAfter } from "./event.ts";
import { isOfRequest } from "./event-kinds.ts";
import { extensionAsked, extensionDecided, withoutPending } from "./extension.ts";
import { asked, execOf, given } from "./fold-asked.ts";
import { attempted } from "./fold-attempts.ts";
import { broken, reviewed } from "./fold-glass.ts";
import { absent, type Decision, type RequestState } from "./request-state.ts";
import { behindFences, type RestoreFence } from "./restored.ts";
import { beginsAt } from "./start-at.ts";
import { illegal } from "./transitions.ts";

/**
 * The state of a request: the fold of its chain from the first event, behind every fence of a restore. Checks what
 * it folds: numbers without gaps, each leaf hashing the one before, commitments, families, legal transitions, and
 * that each event belongs with those before it, as they stood behind the fences there were by then.
 * Throws `record_corrupt` at the first event that does not fit.
 */
export function foldRequest(
  id: string,
  stored: readonly StoredEvent[],
  fences: readonly RestoreFence[],
): RequestState {
  try {
    return behindFences(
      stored.reduce((state, item) => following(state, item, fences), absent(id)),
      fences,
    );
  } catch (error) {
    if (error instanceof SallyportError) throw error;
    throw new SallyportError(
      "record_corrupt",
      `the chain of request ${id} cannot be read`,
      {},
      error,
    );
  }
}

/**
 * The state by the events before the first that does not fit: what is still known of a request whose chain does
 * not verify. For ending what it may have running, and for nothing else.
 */
export function readablePart(
  id: string,
  stored: readonly StoredEvent[],
  fences: readonly RestoreFence[],
): RequestState {
  let state = absent(id);
  for (const item of stored) {
    try {
      state = following(state, item, fences);
    } catch {
      break;
    }
  }
  return behindFences(state, fences);
}

function following(
  before: RequestState,
  item: StoredEvent,
  fences: readonly RestoreFence[],
): RequestState {
  const event = readEvent(item);
  const state = behindFences(before, fences, event.configuration.seq);
  if (event.seq !== state.tail.seq + 1 || event.prev !== state.tail.hash) {
    throw new SallyportError(
      "record_corrupt",
      `event ${event.chain} #${event.seq} does not follow the one before it`,
    );
  }
  const why = illegal(state, event) ?? misfit(state, event);
  if (why !== undefined) {
    throw new SallyportError("record_corrupt", `event ${event.chain} #${event.seq}: ${why}`);
  }
  const next = isOfRequest(event) ? step(state, event) : { ...state };
  next.tail = tailAfter(state.tail, item);
  if ("repeat" in event.data && event.data.repeat !== undefined) {
    next.keyHashes = {
      ...next.keyHashes,
      [event.data.repeat.keyHash]: { kind: event.kind, body: bodyOf(event) },
    };
  }
  return next;
}

function bodyOf(event: Event): string | undefined {
  return "body" in event.values && typeof event.values.body === "string"
    ? event.values.body
    : undefined;
}

function step(state: RequestState, event: RequestEvent): RequestState {
  switch (event.kind) {
    case "request.asked":
      return {
        ...state,
        ...asked(event),
        kind: "exec",
        stage: event.data.automatic.length > 0 ? "approved" : "pending",
        ...(event.data.expiresAt === null
          ? {}
          : {
              grant: {
                rule: event.data.automatic[0] ?? "",
                startsAt: beginsAt(event.at, event.data.startAt),
                expiresAt: event.data.expiresAt,
              },
            }),
        lapsesAt: event.data.lapsesAt,
        rules: event.data.rules,
        automatic: event.data.automatic,
        resource: event.data.resource,
        target: event.data.target,
        ...given("ticket", event.values.ticket),
        exec: execOf(event),
      };
    case "glass.broken":
      return broken(state, event);
    case "glass.reviewed":
      return reviewed(state, event);
    case "request.refused":
      return {
        ...state,
        requester: event.data.requester,
        requesterPrincipal: event.actor.principal,
        askedAt: event.at,
        lapsesAt: event.at,
        configuration: event.configuration,
        resource: event.data.resource,
        target: event.data.target,
        stage: "refused",
        ...given("reason", event.values.reason),
        ...given("ticket", event.values.ticket),
        ...given("body", event.values.body),
        outcome: { code: event.data.code, detail: event.values.detail ?? "", at: event.at },
      };
    case "activation.asked":
      return {
        ...state,
        ...asked(event),
        kind: "activate",
        stage: "pending",
        lapsesAt: event.data.lapsesAt,
        rules: event.data.rules,
        activation: { texts: event.data.texts },
      };
    case "decision.approved": {
      const { grant } = event.data;
      return {
        ...state,
        decisions: [...state.decisions, decision(event, "approve")],
        ...(grant === null
          ? {}
          : { grant: { ...grant, startsAt: beginsAt(event.at, state.exec?.startAt) } }),
        stage: grant === null ? "pending" : state.kind === "activate" ? "closed" : "approved",
      };
    }
    case "decision.denied": {
      const decisions = [...state.decisions, decision(event, "deny")];
      return denials(decisions) < denialsNeeded(state.rules)
        ? { ...state, decisions }
        : { ...state, decisions, stage: "denied", outcome: stoppedBy(event, "denied") };
    }
    case "request.recarded": {
      const { grant: _, ...rest } = state;
      return {
        ...rest,
        stage: "pending",
        configuration: event.configuration,
        rules: event.data.rules,
        automatic: event.data.automatic,
        decisions: state.decisions.map((d) => ({ ...d, counts: false })),
        // More time was asked for of a grant that is no more.
        extensions: withoutPending(state),
        ...given("card", event.values.card),
        ...given("digest", event.values.digest),
      };
    }
    case "extension.asked":
      return extensionAsked(state, event);
    case "extension.approved":
      return extensionDecided(state, event, decision(event, "approve"));
    case "extension.denied":
      return extensionDecided(state, event, decision(event, "deny"));
    case "request.cancelled":
      return { ...state, stage: "cancelled", outcome: stoppedBy(event, "cancelled") };
    case "request.revoked":
      return {
        ...state,
        stage: "revoked",
        outcome: stoppedBy(event, "revoked"),
      };
    case "exec.intent":
    case "replace.asked":
    case "session.opened":
    case "exec.failed":
    case "exec.unknown":
    case "session.ended":
    case "end.unverified":
    case "session.unclaimed":
    case "end.asked":
    case "exec.settled":
      return attempted(state, event);
    case "request.expired":
      return { ...state, stage: event.data.status };
  }
}

function stoppedBy(
  event: Extract<Event, { kind: "decision.denied" | "request.cancelled" | "request.revoked" }>,
  code: string,
): NonNullable<RequestState["outcome"]> {
  return { code, detail: event.values.comment ?? "", by: event.data.person, at: event.at };
}

type Decided = "decision.approved" | "decision.denied" | "extension.approved" | "extension.denied";

function decision(event: Extract<Event, { kind: Decided }>, which: "approve" | "deny"): Decision {
  return {
    person: event.data.person,
    decision: which,
    at: event.at,
    groups: event.data.groups,
    ...given("allGroups", "judged" in event.data ? event.data.judged?.groups : undefined),
    ...given("groupsFrom", "judged" in event.data ? event.data.judged?.groupsFrom : undefined),
    counts: true,
    ...given("maxMinutes", "maxMinutes" in event.data ? event.data.maxMinutes : undefined),
    ...given("comment", event.values.comment),
  };
}
