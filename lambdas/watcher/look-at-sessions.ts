import type { Place } from "../../core/containers.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { historyOf } from "../../core/watch/history.ts";
import type { WatcherPorts } from "../ports.ts";
import { putOnRecord } from "./put-on-record.ts";

/** What was begun so lately may not be on record yet, or be of an attempt that the sweeper settles. */
const SETTLED_MS = 5 * 60_000;

/**
 * Looks at every session of ECS Exec that goes on in the configured places, and puts those on record that no chain
 * knows. It needs no trail: what CloudTrail did not deliver is found by this. A place that cannot be looked at keeps no
 * other from being; all that failed is thrown together.
 */
export async function lookAtSessions(ports: WatcherPorts): Promise<void> {
  const failures: unknown[] = [];
  for (const place of ports.deployment.territory.places) {
    try {
      for (const session of await ports.sessionWatch.goingOn(place)) {
        await lookAt(ports, place, session);
      }
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "not every place was looked at");
}

async function lookAt(ports: WatcherPorts, place: Place, seen: SeenSession): Promise<void> {
  const { sessionId, target, status = "", begunAt } = seen;
  if (begunAt !== null && ports.clock.now() - begunAt < SETTLED_MS) return;
  if (await isKnown(ports, sessionId)) return;
  await putOnRecord(
    ports,
    place.account,
    async () => ({
      kind: "session.unknown",
      data: { place, sessionId, target: target.slice(0, 600), status },
      values: {},
    }),
    () => "WatchDifference",
  );
}

/** The index locates; whether it is so, the chain says, and one that does not verify says nothing. */
async function isKnown({ events }: WatcherPorts, sessionId: string): Promise<boolean> {
  for (const chain of await events.chainsOfSession(sessionId)) {
    if (!chain.startsWith("REQ#")) continue;
    const history = historyOf(chain.slice("REQ#".length), await events.loadReadable(chain));
    if (history.kind !== "request") continue;
    if (history.state.attempts.some((attempt) => attempt.sessionId === sessionId)) return true;
  }
  return false;
}
