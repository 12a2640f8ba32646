/**
 * Input frames a second. Users report that the service ends sessions above some 1,000 frames a second;
 * the other half is left to our acknowledgements.
 */
const FRAMES_PER_SECOND = 500;
const BURST = 100;

/** Spreads frames over time: a bucket of tokens. */
export interface Pace {
  /** Takes one frame's turn and returns 0, or returns the milliseconds until there is one. */
  take(now: number): number;
}

/** A full bucket of 100 frames, refilled with 500 a second. `now` in milliseconds. */
export function pace(now: number): Pace {
  let tokens = BURST;
  let filledAt = now;
  return {
    take(now) {
      const elapsed = Math.max(0, now - filledAt);
      filledAt = now;
      tokens = Math.min(BURST, tokens + (elapsed * FRAMES_PER_SECOND) / 1_000);
      if (tokens < 1) return Math.max(1, Math.ceil(((1 - tokens) * 1_000) / FRAMES_PER_SECOND));
      tokens--;
      return 0;
    },
  };
}
