import { type EpochMillis, isoTime } from "./clock.ts";
import { SallyportError } from "./errors.ts";

export const MINUTE_MS = 60_000;

/**
 * How much may be done in one minute: changes and reads by one person, and requests for one service or family by
 * all persons together. Half of what a target takes is more than one person may ask, so nobody uses it up alone.
 */
export interface Rates {
  write: number;
  read: number;
  target: number;
}

/** What a person needs stays far below; a loop that ran away does not. */
export const defaultRates: Rates = { write: 120, read: 600, target: 300 };

/**
 * Counters by the minute. They are rows of the `state` table, and may be lost: then that minute begins anew.
 */
export interface Limits {
  /**
   * Counts one more for `of` in the minute of `at`, unless that would be one too many. Durable on return. Throws
   * `limits_unavailable` where it cannot be counted: what cannot be counted is not done.
   */
  take(
    per: keyof Rates,
    of: string,
    at: EpochMillis,
  ): Promise<{ kind: "taken" } | { kind: "exceeded"; limit: number }>;
  /** Whether it is known, without asking, that `take` would be one too many: a counter only grows in its minute. */
  usedUp(per: keyof Rates, of: string, at: EpochMillis): boolean;
}

/** The first instant of a minute. */
export function minuteOf(at: EpochMillis): EpochMillis {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** `2026-11-24T08:20Z`: the minute of an instant. */
export function minuteText(at: EpochMillis): string {
  return `${isoTime(at).slice(0, 16)}Z`;
}

/** What a caller is told who has used up a minute, with how long the next one is away. */
export function rateLimited(per: keyof Rates, limit: number, now: EpochMillis): SallyportError {
  const seconds = Math.max(1, Math.ceil((minuteOf(now) + MINUTE_MS - now) / 1_000));
  const what = {
    write: `you may change ${limit} things a minute, under all your identities together`,
    read: `you may read ${limit} times a minute, under all your identities together`,
    target: `of one service or family ${limit} sessions may be asked for a minute, by all together`,
  } as const;
  return new SallyportError("rate_limited", what[per], {
    hint: `nothing was done: wait ${seconds} ${seconds === 1 ? "second" : "seconds"}, then send it again`,
    retryAfterSeconds: seconds,
  });
}
