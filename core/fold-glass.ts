import type { Event } from "./event.ts";
import { asked, execOf, given } from "./fold-asked.ts";
import type { RequestState } from "./request-state.ts";

/** A request that is approved from its first event on, with a review owed. */
export function broken(
  state: RequestState,
  event: Extract<Event, { kind: "glass.broken" }>,
): RequestState {
  const { rule, rules, expiresAt, reviewDueAt, day, count, limit, resource, target } = event.data;
  return {
    ...state,
    ...asked(event),
    kind: "exec",
    stage: "approved",
    breakGlass: { rule, reviewDueAt, day, count, limit },
    grant: { rule, startsAt: event.at, expiresAt },
    lapsesAt: expiresAt,
    rules,
    resource,
    target,
    ...given("ticket", event.values.ticket),
    exec: execOf(event),
  };
}

/** With what somebody else said of it: wherever the request stands, for its time may be over long since. */
export function reviewed(
  state: RequestState,
  event: Extract<Event, { kind: "glass.reviewed" }>,
): RequestState {
  if (state.breakGlass === undefined) throw new TypeError("no review is owed");
  const { person, verdict } = event.data;
  const review = { person, verdict, at: event.at, ...given("comment", event.values.comment) };
  return { ...state, breakGlass: { ...state.breakGlass, review } };
}
