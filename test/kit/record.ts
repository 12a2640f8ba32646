import { utcDay } from "../../core/clock.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { looked } from "./looks.ts";

/** The record for a test, of which reading is a look. */
export function watchedEvents(events: EventStore): EventStore {
  const read =
    <A extends unknown[], T>(of: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      looked("record");
      return await of(...args);
    };
  return {
    ...events,
    load: read(events.load),
    loadReadable: read(events.loadReadable),
    tip: read(events.tip),
    day: read(events.day),
    chainsOfSession: read(events.chainsOfSession),
    due: read(events.due),
  };
}

/** Every event of yesterday, today and tomorrow, so that midnight does not matter. */
export async function wholeRecord(events: EventStore): Promise<StoredEvent[]> {
  looked("record");
  const all: StoredEvent[] = [];
  for (const offset of [-1, 0, 1]) {
    let cursor: string | undefined;
    do {
      const page = await events.day(utcDay(Date.now() + offset * 86_400_000), cursor);
      all.push(...page.events);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return all;
}

/** `REQ:request.asked`: the chain's family and the kind, in the order of the day. */
export function named(event: StoredEvent): string {
  return `${event.chain.split("#")[0] ?? ""}:${JSON.parse(event.leaf).kind}`;
}

/** Whether it says who holds a container, or where a person is. */
export function saysWhoHolds({ chain }: StoredEvent): boolean {
  return /^(?:SLOT|PERSON)#/.test(chain);
}

/** What the record grew by while `act` ran; `held` apart: who holds what after it. */
export async function grownBy<T>(
  events: EventStore,
  act: () => Promise<T>,
): Promise<{ result: T; grown: string[]; held: string[]; added: StoredEvent[] }> {
  const key = (event: StoredEvent) => `${event.chain}/${event.seq}`;
  const before = new Set((await wholeRecord(events)).map(key));
  const result = await act();
  const all = (await wholeRecord(events)).filter((event) => !before.has(key(event)));
  const added = all.filter((event) => !saysWhoHolds(event));
  const held = all.filter(saysWhoHolds).map(named).toSorted();
  return { result, grown: added.map(named).toSorted(), held, added };
}
