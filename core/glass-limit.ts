import { utcDay } from "./clock.ts";
import type { Event } from "./event.ts";

/*
 * How often a person breaks the glass in a day: one chain for each person and UTC day, an event for each time.
 * A chain has no gaps and no number twice, so the number of the last event is the count, and of any number of
 * asks at once each takes another place, in the transaction that grants it, or none.
 */

export function glassChain(person: string, day: string): string {
  return `GLASS#${person}#${day}`;
}

/** Why an event of such a chain does not belong there, or undefined. */
export function countMisfit(event: Event): string | undefined {
  if (event.kind !== "glass.counted") return `${event.kind} counts nothing`;
  const { person, limit } = event.data;
  if (event.chain !== glassChain(person, utcDay(event.at))) return "it counts for another";
  return event.seq > limit ? "it is one more than may be" : undefined;
}

/**
 * Where what was broken and what was counted are not the same: for each chain, the first event that has no
 * counterpart on a chain that is there. `broken` are chains that are unsound already.
 */
export function glassProblems(
  events: readonly Event[],
  broken: ReadonlySet<string>,
): { chain: string; seq: number; what: string }[] {
  const at = new Map(events.map((event) => [`${event.chain}/${event.seq}`, event]));
  const here = new Set(events.map(({ chain }) => chain));
  const problems: { chain: string; seq: number; what: string }[] = [];
  for (const event of events) {
    const { chain, seq } = event;
    if (event.kind === "glass.broken") {
      const { requester, day, count, limit } = event.data;
      const place = glassChain(requester.person, day);
      if (broken.has(place)) continue;
      const counted = at.get(`${place}/${count}`);
      const fits =
        counted?.kind === "glass.counted" &&
        `REQ#${counted.data.requestId}` === chain &&
        counted.data.limit === limit;
      if (!fits) problems.push({ chain, seq, what: "it was not counted" });
    } else if (event.kind === "glass.counted") {
      const request = `REQ#${event.data.requestId}`;
      // Asked for on a day that was not exported.
      if (broken.has(request) || !here.has(request)) continue;
      const [first] = [at.get(`${request}/1`)];
      if (first?.kind !== "glass.broken" || first.data.count !== seq) {
        problems.push({ chain, seq, what: `request ${event.data.requestId} is none that counts` });
      }
    }
  }
  return problems;
}
