import type { Event } from "./event.ts";

/** What of a wish is to be run, and where. */
export function execOf({
  data,
  values,
}: Extract<Event, { kind: "request.asked" | "glass.broken" }>) {
  return {
    place: data.place,
    target: data.target,
    durationMinutes: data.durationMinutes,
    ...("startAt" in data ? given("startAt", data.startAt) : {}),
    preflight: data.preflight,
    transcript: data.transcript,
    ...given("command", values.command),
    ...given("argv", values.argv),
    ...given("facts", values.facts),
  };
}

/** What the first event says of who wanted what and why. */
export function asked(
  event: Extract<Event, { kind: "request.asked" | "activation.asked" | "glass.broken" }>,
) {
  return {
    requester: event.data.requester,
    requesterPrincipal: event.actor.principal,
    ...given("requesterGroups", "judged" in event.data ? event.data.judged?.groups : undefined),
    askedAt: event.at,
    configuration: event.configuration,
    ...given("reason", event.values.reason),
    ...given("card", event.values.card),
    ...given("digest", event.values.digest),
    ...given("body", event.values.body),
  };
}

/** A member only where there is a value: erased values are missing, and undefined is no JSON. */
export function given<K extends string, V>(name: K, value: V | undefined): { [k in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [k in K]?: V });
}
