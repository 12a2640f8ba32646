import type { AccessLine } from "../access-log.ts";
import type { Event } from "../event.ts";
import type { EventKind } from "../event-kinds.ts";
import type { WatchedKinds } from "../kinds/watched.ts";

export type Unwitnessed = WatchedKinds["decision.unwitnessed"]["data"]["why"];

/**
 * Why a decision is not witnessed by the front door's log, or undefined where it is: a line of the event's call, of one
 * of the routes by which events of its kind come about, about the same request, by the same caller, and not refused. Whoever holds the
 * credentials of the function that decides can write events, and no lines.
 */
export function unwitnessedBecause(
  event: Event,
  routes: readonly string[],
  lines: readonly AccessLine[],
): Unwitnessed | undefined {
  const { call } = event;
  if (call === undefined) return "no_call";
  const line = lines.find((one) => one.call === call);
  if (line === undefined) return "no_line";
  if (!routes.includes(withoutDoor(line.route)) || !isAbout(event, line)) return "route";
  if (event.actor.principal !== line.principal) return "caller";
  return wasRefused(line) && !toldByRefusing.includes(event.kind) ? "refused" : undefined;
}

/** What is on record of a call, though it was refused. */
const toldByRefusing: readonly EventKind[] = ["decision.refused", "request.recarded"];

/** A call that failed otherwise may have come about: its answer was lost. */
function wasRefused({ status = 0 }: AccessLine): boolean {
  return status >= 400 && status < 500;
}

/** A route as the table has it: those by tokens lie behind `/web` or, of further issuers, `/web/<name>`. */
function withoutDoor(route: string): string {
  return route.replace(/^([A-Z]+) \/web(?:\/[^/ ]+)?(?=\/v1\/)/, "$1 ");
}

/** A call on a request, or a use of the last resort, names it in its path. One that makes a request, or locks, names none. */
function isAbout(event: Event, { route, path }: AccessLine): boolean {
  const { chain } = event;
  if (event.kind === "last_resort.reviewed") return path.split("/").includes(event.data.id);
  if (!route.includes("/requests/{id}/") || !chain.startsWith("REQ#")) return true;
  return path.split("/").includes(chain.slice("REQ#".length));
}
