import { type RouteName, routes } from "../../api/routes.ts";
import { type EventKind, eventKinds } from "../../core/event-kinds.ts";

/** By which routes an event of somebody's decision comes about. */
const comesBy: { [K in EventKind]?: readonly RouteName[] } = {
  "activation.asked": ["createActivation"],
  // The first by itself; each later one by the decision that completes it.
  "policy.activated": ["createActivation", "decideRequest"],
  "decision.approved": ["decideRequest"],
  "decision.denied": ["decideRequest"],
  "request.recarded": ["decideRequest"],
  "request.revoked": ["revokeRequest"],
  "extension.asked": ["extendRequest"],
  "extension.approved": ["decideRequest"],
  "extension.denied": ["decideRequest"],
  "glass.broken": ["breakGlass"],
  "glass.counted": ["breakGlass"],
  "glass.reviewed": ["reviewRequest"],
  "last_resort.reviewed": ["reviewLastResort"],
  "end.asked": ["terminateSession"],
  "lock.set": ["createLock"],
  "lock.release_asked": ["releaseLock"],
  "lock.released": ["releaseLock"],
};

/**
 * The routes, as API Gateway's log names them, of which one must have brought an event about; undefined for a kind that
 * nobody decides by a call. A kind of the deciding families that is listed nowhere has none, so that each of its events
 * is told of.
 */
export function routesOf(kind: EventKind): readonly string[] | undefined {
  const { family } = eventKinds[kind];
  if (family !== "decided" && family !== "broke" && family !== "configured") return undefined;
  if (kind === "decision.refused") {
    return routes.filter((route) => route.function === "decide").map(keyOf);
  }
  const names = comesBy[kind] ?? [];
  return routes.filter(({ name }) => names.includes(name)).map(keyOf);
}

function keyOf({ method, path }: (typeof routes)[number]): string {
  return `${method} ${path}`;
}
