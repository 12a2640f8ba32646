import { type EpochMillis, MS_PER_DAY, startOfDay, utcDay } from "../../core/clock.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Event, readEvent } from "../../core/event.ts";
import type { EventPlace } from "../../core/event-store.ts";
import { timeOfUlid, ulid } from "../../core/ids.ts";
import type { WatcherPorts } from "../ports.ts";

export interface RecordPage {
  events: Event[];
  /** What no reader can use: an event that does not verify by itself, a place without one. */
  spoilt: { place: EventPlace; what: "unreadable" | "absent"; why: string }[];
  /** All up to there has been read (epoch ms). */
  to: EpochMillis;
}

/**
 * The events of every chain that say they were made after one instant and not after another, by the index of days, in
 * the order of their ids. What a later version wrote is passed over: it is not this one's to judge.
 */
export async function* readRecord(
  { events, log }: Pick<WatcherPorts, "events" | "log">,
  from: EpochMillis,
  until: EpochMillis,
): AsyncGenerator<RecordPage> {
  for (let at = from; utcDay(at) <= utcDay(until); at = startOfDay(at) + MS_PER_DAY) {
    let cursor: string | undefined = ulid(at, (n) => new Uint8Array(n));
    while (cursor !== undefined) {
      const found: Awaited<ReturnType<typeof events.day>> = await events.day(utcDay(at), cursor);
      const page: RecordPage = {
        events: [],
        spoilt: found.missing.map((place) => ({
          place,
          what: "absent",
          why: "the index of its day names it",
        })),
        to: at,
      };
      for (const stored of found.events) {
        const { chain, seq } = stored;
        try {
          const event = readEvent(stored);
          if (event.at <= until) page.events.push(event);
        } catch (error) {
          if (error instanceof SallyportError && error.code === "sealed") {
            log.error("an event of a later version was not compared", { chain, seq }, error);
            continue;
          }
          const why = error instanceof Error ? error.message : "it cannot be read";
          page.spoilt.push({ place: { chain, seq }, what: "unreadable", why });
        }
      }
      cursor = found.cursor;
      page.to = Math.min(
        until,
        cursor === undefined ? startOfDay(at) + MS_PER_DAY - 1 : timeOfUlid(cursor),
      );
      yield page;
      if (cursor !== undefined && timeOfUlid(cursor) > until) break;
    }
  }
}
