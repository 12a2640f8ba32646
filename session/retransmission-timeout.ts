const RTT_GAIN = 1 / 8;
const VARIATION_GAIN = 1 / 4;
const CLOCK_GRANULARITY_MS = 10;
const LONGEST_TIMEOUT_MS = 1_000;

/** What is known of the time an acknowledgement takes. All in milliseconds. */
export interface Timing {
  roundTripMs: number;
  variationMs: number;
  /** A frame unacknowledged for longer than this is sent again. */
  timeoutMs: number;
}

/** Before anything was measured; the numbers are the session-manager-plugin's. */
export const initialTiming: Timing = { roundTripMs: 100, variationMs: 0, timeoutMs: 200 };

/** After a frame that was sent once was acknowledged `sampleMs` later (the estimator of RFC 6298). */
export function withSample(timing: Timing, sampleMs: number): Timing {
  const variationMs =
    (1 - VARIATION_GAIN) * timing.variationMs +
    VARIATION_GAIN * Math.abs(timing.roundTripMs - sampleMs);
  const roundTripMs = (1 - RTT_GAIN) * timing.roundTripMs + RTT_GAIN * sampleMs;
  const timeoutMs = Math.min(
    LONGEST_TIMEOUT_MS,
    roundTripMs + Math.max(CLOCK_GRANULARITY_MS, 4 * variationMs),
  );
  return { roundTripMs, variationMs, timeoutMs };
}

/**
 * After a frame was sent again. The second half of Karn's rule: a frame sent twice gives no sample, so
 * without this a path slower than the timeout would have every frame resent for ever.
 */
export function backedOff(timing: Timing): Timing {
  return { ...timing, timeoutMs: Math.min(LONGEST_TIMEOUT_MS, 2 * timing.timeoutMs) };
}
