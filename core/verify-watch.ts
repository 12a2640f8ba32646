import { utcDay } from "./clock.ts";
import type { Event } from "./event.ts";
import { attemptKey, watchKeys } from "./watch/watch-keys.ts";

/** The chains of what was found. */
export const WATCH = "WATCH#";

/** Why an event does not belong on a chain of what was found, or undefined where it does. */
export function watchMisfit(event: Event): string | undefined {
  const [, account = "", day] = event.chain.split("#");
  const finder = event.kind === "item.touched" ? "sweeper" : "watcher";
  if (event.actor.kind !== "gateway" || event.actor.function !== finder) {
    return `it is not the ${finder} that found it`;
  }
  if (!/^[0-9]{12}$/.test(account) || day !== utcDay(event.at)) {
    return "it was found on another day than its chain's";
  }
  return undefined;
}

interface Wrong {
  event: Event;
  what: string;
}

/**
 * How what was found stands to the rest: each finding is on record once, and each call that was matched is of
 * an intent, of which it is the one call, and answered with the session that the record names. Requests that are not
 * among the events, for they were asked on another day, are not compared.
 */
export function watchProblems(events: readonly Event[]): Wrong[] {
  const known = new Set<string>();
  const wrong: Wrong[] = [];
  const requests = new Map<string, Event[]>();
  for (const event of events) {
    if (!event.chain.startsWith("REQ#")) continue;
    const id = event.chain.slice("REQ#".length);
    const chain = requests.get(id);
    if (chain === undefined) requests.set(id, [event]);
    else chain.push(event);
  }
  for (const event of events) {
    const keys = watchKeys(event);
    const twice = keys.find((key) => known.has(key));
    for (const key of keys) known.add(key);
    if (event.kind === "call.matched") {
      const { request, attempt, call } = event.data;
      const what =
        twice === attemptKey(request, attempt)
          ? "that attempt has had its one call"
          : mismatch(requests.get(request), attempt, call.sessionId);
      if (what !== undefined) wrong.push({ event, what });
      else if (twice !== undefined) wrong.push({ event, what: "that call is on record twice" });
    } else if (twice !== undefined) {
      wrong.push({ event, what: "that finding is on record twice" });
    }
  }
  return wrong;
}

function mismatch(
  chain: readonly Event[] | undefined,
  attempt: number,
  sessionId: string | null,
): string | undefined {
  if (chain === undefined) return undefined;
  const isIntended = chain.some(
    (event) => event.kind === "exec.intent" && event.data.attempt === attempt,
  );
  if (!isIntended) return "nothing was intended that it could be the call of";
  const opened = chain.find(
    (event): event is Event & { kind: "session.opened" } =>
      event.kind === "session.opened" && event.data.attempt === attempt,
  );
  return opened === undefined || opened.data.sessionId === sessionId
    ? undefined
    : "it was answered with another session than was opened";
}
