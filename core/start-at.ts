import { type EpochMillis, isoTime } from "./clock.ts";
import { SallyportError } from "./errors.ts";

/** A start may be so far ahead: as long as a request can wait at most, so that a grant ends within eight days. */
export const LATEST_START_MS = 7 * 86_400_000;

/** When a grant begins, in the words of the card. */
export type CardStart = "when the last approval is given" | `not before ${string}`;

export function startText(startAt: EpochMillis | undefined): CardStart {
  return startAt === undefined
    ? "when the last approval is given"
    : `not before ${isoTime(startAt)}`;
}

/** When the clock of a grant begins: with the last approval, or at the start that was asked for if that is later. */
export function beginsAt(approvedAt: EpochMillis, startAt: EpochMillis | undefined): EpochMillis {
  return Math.max(approvedAt, startAt ?? approvedAt);
}

/** Whether a start may be asked for now: not in the past, and not more than seven days ahead. */
export function isWithinReach(startAt: EpochMillis, now: EpochMillis): boolean {
  return startAt >= now && startAt <= now + LATEST_START_MS;
}

/** Throws `body_invalid` for a start that cannot be asked for now. */
export function requireWithinReach(startAt: EpochMillis | undefined, now: EpochMillis): void {
  if (startAt === undefined || isWithinReach(startAt, now)) return;
  const detail = startAt < now ? "is in the past" : "is more than seven days ahead";
  throw new SallyportError("body_invalid", `startAt ${detail}: it is ${isoTime(now)}`, {
    issues: [{ pointer: "/startAt", detail }],
    hint: "leave it out to begin with the last approval",
  });
}

/** `not_started`: the grant is there, and its time has not come. */
export function notStarted(startsAt: EpochMillis, now: EpochMillis): SallyportError {
  return new SallyportError("not_started", `the approval begins at ${isoTime(startsAt)}`, {
    hint: "it stands; open from then on",
    retryAfterSeconds: Math.ceil((startsAt - now) / 1_000),
    members: { startsAt: isoTime(startsAt) },
  });
}
