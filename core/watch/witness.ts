import type { AccessLine } from "../access-log.ts";
import type { Event } from "../event.ts";
import type { WatchedKinds } from "../kinds/watched.ts";

export type Unwitnessed = WatchedKinds["decision.unwitnessed"]["data"]["why"];

/**
 * Why a decision is not witnessed by the front door's log, or undefined where it is: a line of the event's call, of one
 * of the routes by which events of its kind come about, about the same request, and by the same caller. Whoever holds the
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
  return event.actor.principal === line.principal ? undefined : "caller";
}

/** A route as the table has it: those by tokens lie behind `/web` or, of further issuers, `/web/<name>`. */
function withoutDoor(route: string): string {
  return route.replace(/^([A-Z]+) \/web(?:\/[^/ ]+)?(?=\/v1\/)/, "$1 ");
}

/** A call on a request names it in its path. One that makes a request, or locks, names none. */
function isAbout({ chain }: Event, { route, path }: AccessLine): boolean {
  if (!route.includes("/requests/{id}/") || !chain.startsWith("REQ#")) return true;
  return path.split("/").includes(chain.slice("REQ#".length));
}
