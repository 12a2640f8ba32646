import { usage } from "./failure.ts";

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOST_DAYS = 3_660;

/**
 * UTC days from one to another, both included, as `2026-01-31`. By default the last thirty days and
 * today. Throws Failure with exit status 2.
 */
export function daysBetween(
  from: string | undefined,
  to: string | undefined,
  now: number,
): string[] {
  const last = to === undefined ? Math.floor(now / DAY_MS) : dayNumber(to, "--to");
  const first = from === undefined ? last - 30 : dayNumber(from, "--from");
  if (first > last) throw usage("--from is after --to");
  if (last - first >= MOST_DAYS) throw usage(`at most ${MOST_DAYS} days can be exported at once`);
  return Array.from({ length: last - first + 1 }, (_, i) => dayText(first + i));
}

/** So many UTC days before one, backwards. */
export function* daysBefore(day: string, count: number): Generator<string> {
  const from = dayNumber(day, "--from");
  for (let i = 1; i <= count; i++) yield dayText(from - i);
}

/** The first instant of a UTC day, as ISO 8601. Throws Failure with exit status 2. */
export function dayBegins(day: string, option: string): string {
  return new Date(dayNumber(day, option) * DAY_MS).toISOString();
}

/** Its last millisecond. */
export function dayEnds(day: string, option: string): string {
  return new Date((dayNumber(day, option) + 1) * DAY_MS - 1).toISOString();
}

function dayNumber(text: string, option: string): number {
  const number = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) / DAY_MS : Number.NaN;
  if (!Number.isInteger(number) || dayText(number) !== text) {
    throw usage(`${option} is no day: ${text}`, "it looks like 2026-01-31, in UTC");
  }
  return number;
}

function dayText(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}
