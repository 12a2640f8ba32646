/** The time by which decisions are made: epoch milliseconds, UTC. */
export type EpochMillis = number;

/**
 * The outside things a decision depends on besides the record. Passed in, so that a test can fix the
 * minute and repeat the chance.
 */
export interface Clock {
  now(): EpochMillis;
  sleep(ms: number): Promise<void>;
}

/** Source of randomness: `n` unpredictable bytes, at least 128 bits of them wherever an id is made. */
export type Random = (n: number) => Uint8Array;

export const MS_PER_DAY = 86_400_000;

/**
 * `2026-11-24T08:20:21.123Z` of an instant. Written out because the core has no `Date`: the algorithm
 * is Howard Hinnant's `civil_from_days`.
 */
export function isoTime(at: EpochMillis): string {
  const days = Math.floor(at / MS_PER_DAY);
  const inDay = at - days * MS_PER_DAY;
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const pad = (n: number, width = 2): string => String(n).padStart(width, "0");
  const clock = `${pad(Math.floor(inDay / 3_600_000))}:${pad(Math.floor(inDay / 60_000) % 60)}:${pad(
    Math.floor(inDay / 1_000) % 60,
  )}.${pad(inDay % 1_000, 3)}`;
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock}Z`;
}

/** `2026-11-24`: the UTC day of an instant. */
export function utcDay(at: EpochMillis): string {
  return isoTime(at).slice(0, 10);
}

/** The first instant of its UTC day. */
export function startOfDay(at: EpochMillis): EpochMillis {
  return Math.floor(at / MS_PER_DAY) * MS_PER_DAY;
}
