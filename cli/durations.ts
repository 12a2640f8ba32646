import { usage } from "./failure.ts";

const DURATION = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** Milliseconds of `30m`, `1h30m`, `90s`. Throws Failure with exit status 2. */
export function parseDuration(text: string, option: string): number {
  const match = text === "" ? null : DURATION.exec(text);
  if (match === null) {
    throw usage(`${option} is no duration: ${text}`, "it looks like 90s, 30m or 1h30m");
  }
  const [, hours = "0", minutes = "0", seconds = "0"] = match;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

/** Whole minutes, as the API counts an approval's time. Throws Failure with exit status 2. */
export function parseMinutes(text: string, option: string): number {
  const minutes = parseDuration(text, option) / 60_000;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1_440) {
    throw usage(`${option} takes whole minutes from 1m to 24h, not ${text}`);
  }
  return minutes;
}

const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

/** `2026-11-24T22:00Z` as the API takes it. Throws Failure with exit status 2. */
export function parseInstant(text: string, option: string): string {
  const [, minute, seconds = ":00", zone] = INSTANT.exec(text) ?? [];
  const instant = `${minute}${seconds}${zone}`;
  if (minute === undefined || Number.isNaN(Date.parse(instant))) {
    throw usage(
      `${option} is no instant: ${text}`,
      "it looks like 2026-11-24T22:00Z, or 2026-11-24T22:00+01:00",
    );
  }
  return instant;
}

/** `42s`, `7m`, `3h`, `5d`: how long ago, in the largest unit that fits. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
