import type { Clock, EpochMillis } from "../core/clock.ts";
import type { Place } from "../core/containers.ts";
import type { SeenSession, SessionWatch } from "../core/execute-command.ts";

/** Pauses between looks for an end: SSM takes a moment to show it. */
const LOOKS_MS = [100, 200, 400, 800, 1_500, 2_000];

/**
 * Looks, for five seconds and not beyond the deadline, until SSM shows a session as over. Undefined where it did
 * not, or could not be asked: it may be over all the same.
 */
export async function waitUntilOver(
  { clock, sessionWatch }: { clock: Clock; sessionWatch: SessionWatch },
  place: Place,
  sessionId: string,
  deadline: EpochMillis = Number.POSITIVE_INFINITY,
): Promise<SeenSession | undefined> {
  for (const pause of LOOKS_MS) {
    if (clock.now() + pause >= deadline) return undefined;
    await clock.sleep(pause);
    // What cannot be seen is taken to go on.
    const seen = await sessionWatch.seen(place, sessionId).catch(() => undefined);
    if (seen?.over === true) return seen;
  }
  return undefined;
}
