import type { EpochMillis } from "../../core/clock.ts";
import { emptyTail, nextEvent, readEvent, type StoredEvent, tailAfter } from "../../core/event.ts";
import { MINUTE_MS } from "../../core/rate-limits.ts";
import { COUNTED_AFTER_MS, owedOf, refusedChain } from "../../core/refusal-counts.ts";
import { activatedSet } from "../activated.ts";
import { commit } from "../commit.ts";
import type { SweeperPorts } from "../ports.ts";
import { SWEEPER } from "./actor.ts";

const APPEND_MS = 20_000;
/** Events of one transaction. */
const AT_ONCE = 40;

/**
 * Puts the counted refusals of a minute on record, once it has been over for a while: one event for each caller, on
 * the minute's own chain. What that chain tells already is not told again, so it does no harm to come twice or to be
 * cut off anywhere, and of two sweepers that come at once one loses its number and finds nothing left to tell.
 */
export async function appendCounted(
  ports: Pick<SweeperPorts, "events" | "refusalCounts" | "clock" | "random">,
  minute: EpochMillis,
): Promise<void> {
  if (ports.clock.now() < minute + MINUTE_MS + COUNTED_AFTER_MS) return;
  const rows = await ports.refusalCounts.of(minute);
  if (rows.length === 0) return;
  const chain = refusedChain(minute);
  let more = true;
  while (more) {
    more = await commit<boolean>(ports, ports.clock.now() + APPEND_MS, async () => {
      const [stored, configuration] = await Promise.all([
        ports.events.load(chain),
        activatedSet(ports.events),
      ]);
      const owed = owedOf(minute, rows, stored.map(readEvent));
      if (owed.length === 0) return { events: [], result: false };
      let tail = stored.reduce(tailAfter, emptyTail(chain));
      const events: StoredEvent[] = [];
      for (const body of owed.slice(0, AT_ONCE)) {
        const event = nextEvent(tail, body, {
          actor: SWEEPER,
          configuration: { seq: configuration?.seq ?? 0, hash: configuration?.hash ?? "" },
          now: ports.clock.now(),
          random: ports.random,
        });
        tail = tailAfter(tail, event);
        events.push(event);
      }
      return { events, fences: [], result: owed.length > AT_ONCE };
    });
  }
}
