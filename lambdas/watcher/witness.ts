import type { EpochMillis } from "../../core/clock.ts";
import { type Event, readEvent, type StoredEvent } from "../../core/event.ts";
import type { MarkName } from "../../core/marks.ts";
import { isOf } from "../../core/verify-last-resort.ts";
import { callKey } from "../../core/watch/watch-keys.ts";
import { unwitnessedBecause } from "../../core/watch/witness.ts";
import type { WatcherPorts } from "../ports.ts";
import { putOnRecord } from "./put-on-record.ts";
import { routesOf } from "./routes-of.ts";

/** The access log's clock and the record's. */
const SKEW_MS = 10 * 60_000;

/**
 * Looks for each decision among these events, of those that were made until then, whether the front door's log says the
 * same, and puts on record where it does not.
 */
export async function witness(
  ports: WatcherPorts,
  events: readonly Event[],
  until: EpochMillis,
): Promise<void> {
  const decisions = events.flatMap((event) => {
    const routes = routesOf(event.kind);
    return routes === undefined || event.at > until ? [] : [{ event, routes }];
  });
  const times = decisions.map(({ event }) => event.at);
  const calls = decisions.flatMap(({ event }) => event.call ?? []);
  const lines =
    calls.length === 0
      ? []
      : await ports.accessLog.linesOf(
          calls,
          Math.min(...times) - SKEW_MS,
          Math.max(...times) + SKEW_MS,
        );
  for (const { event, routes } of decisions) {
    const told = unwitnessedBecause(event, routes, lines);
    const why = told ?? ((await isOfAnotherUse(ports, event)) ? "route" : undefined);
    if (why === undefined) continue;
    const { chain, seq, eventId, call = null } = event;
    await putOnRecord(
      ports,
      ports.guarded.home,
      async () => ({
        kind: "decision.unwitnessed",
        data: { chain, seq, eventId, call, why },
        values: {},
      }),
      () => "DecisionUnwitnessed",
    );
  }
}

/** Whether a review names a call of another use than it is of: then the front door's log is of that other's review. */
async function isOfAnotherUse(
  { events }: Pick<WatcherPorts, "events">,
  event: Event,
): Promise<boolean> {
  if (event.kind !== "last_resort.reviewed") return false;
  const { id, use } = event.data;
  const place = await events.watched(callKey(id));
  const stored = place === undefined ? undefined : await events.event(place);
  const [call] = stored === undefined ? [] : readable([stored]);
  return call?.kind !== "last_resort.used" || !isOf(call, use);
}

/** The same of a whole chain. What on it cannot be read is told of by whoever reads the day. */
export async function witnessChain(
  ports: WatcherPorts,
  chain: string,
  until: EpochMillis,
): Promise<void> {
  await witness(ports, readable(await ports.events.loadReadable(chain)), until);
}

/** The same of what was added to a chain without an end, from a mark of its own on. */
export async function witnessNext(
  ports: WatcherPorts,
  chain: string,
  mark: MarkName,
  until: EpochMillis,
): Promise<void> {
  const seen = (await ports.marks.get(mark)) ?? 0;
  const next = readable(await ports.events.load(chain, seen));
  const due = next.findIndex(({ at }) => at > until);
  const some = due === -1 ? next : next.slice(0, due);
  await witness(ports, some, until);
  const last = some.at(-1);
  if (last !== undefined) await ports.marks.advance(mark, last.seq);
}

/** As far as it can be read. */
function readable(stored: StoredEvent[]): Event[] {
  const events: Event[] = [];
  for (const one of stored) {
    try {
      events.push(readEvent(one));
    } catch {
      return events;
    }
  }
  return events;
}
