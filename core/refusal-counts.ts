import type { EpochMillis } from "./clock.ts";
import type { ErrorCode } from "./errors.ts";
import type { Event } from "./event.ts";
import type { EventBody } from "./event-kinds.ts";
import type { CountedCaller, RefusalsCounted } from "./kinds/swept.ts";
import { MINUTE_MS, minuteOf, minuteText } from "./rate-limits.ts";

/** A refusal as it is counted. */
export interface CountedRefusal {
  who: CountedCaller;
  route: string;
  code: ErrorCode;
  /**
   * What equal refusals have in common. The first of them is an event of its own and the others are counted; null
   * where each is counted and none is an event.
   */
  equal: string | null;
}

/** How often it was refused in a minute, with the first. */
export interface RefusalRow extends CountedRefusal {
  times: number;
}

/**
 * Refusals by the minute, kept until the sweeper has put them on record. They are rows of the `state` table: those
 * that are lost before the sweeper has come by, three minutes later at most, are refusals that no event tells of.
 */
export interface RefusalCounts {
  /**
   * Counts one, and answers how many equal ones there are in the minute of `at` by now. Durable on return, and in no
   * case counted twice. Throws `limits_unavailable` where it is not known to have been counted.
   */
  count(refusal: CountedRefusal, at: EpochMillis): Promise<number>;
  /** All that were counted in the minute of `at`; strongly consistent. */
  of(at: EpochMillis): Promise<RefusalRow[]>;
}

/** So long after a minute its refusals are put on record: a function runs for half of it, and clocks differ little. */
export const COUNTED_AFTER_MS = 60_000;

/** The chain of a minute's counted refusals. */
export function refusedChain(minute: EpochMillis): string {
  return `REFUSED#${minuteText(minute)}`;
}

/** Names a caller in one word. An id holds no colon. */
export function callerKey(who: CountedCaller): string {
  return `${who.kind}:${who.id}`;
}

/**
 * What still has to be put on record of a minute: what was counted, less the first of each equal ones, which is an
 * event of its own, and less what the minute's chain tells already. So the chain itself says what was taken, and
 * whoever comes twice, or after a crash, finds nothing owed.
 */
export function owedOf(
  minute: EpochMillis,
  rows: readonly RefusalRow[],
  told: readonly Event[],
): (EventBody & { kind: "refusals.counted" })[] {
  const owed = new Map<string, { who: CountedCaller; counts: RefusalsCounted["counts"] }>();
  const add = (who: CountedCaller, route: string, code: ErrorCode, times: number): void => {
    const of = owed.get(callerKey(who)) ?? { who, counts: [] };
    owed.set(callerKey(who), of);
    const known = of.counts.find((count) => count.route === route && count.code === code);
    if (known === undefined) of.counts.push({ route, code, times });
    else known.times += times;
  };
  for (const { who, route, code, equal, times } of rows) {
    add(who, route, code, equal === null ? times : times - 1);
  }
  for (const event of told) {
    if (event.kind !== "refusals.counted") continue;
    for (const { route, code, times } of event.data.counts)
      add(event.data.who, route, code, -times);
  }
  return [...owed.values()].flatMap(({ who, counts }) => {
    const left = counts
      .filter(({ times }) => times > 0)
      .toSorted((a, b) => (`${a.route} ${a.code}` < `${b.route} ${b.code}` ? -1 : 1));
    if (left.length === 0) return [];
    return [{ kind: "refusals.counted", data: { minute, who, counts: left }, values: {} }];
  });
}

/** Why an event does not belong on a chain of refusals, or undefined where it does. */
export function countedMisfit(event: Event): string | undefined {
  if (event.kind !== "refusals.counted") {
    return event.seq === 1 ? undefined : "a refused call is the one event of its chain";
  }
  const { minute, counts } = event.data;
  if (minute !== minuteOf(minute) || event.chain !== refusedChain(minute)) {
    return "it tells of another minute than its chain";
  }
  if (event.actor.kind !== "gateway") return "it is not the gateway that counted";
  if (event.at < minute + MINUTE_MS) return "it was counted before its minute was over";
  if (
    counts.length === 0 ||
    !counts.every(({ times }) => Number.isSafeInteger(times) && times > 0)
  ) {
    return "it counts nothing";
  }
  return undefined;
}
