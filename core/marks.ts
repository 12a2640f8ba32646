import type { EpochMillis } from "./clock.ts";

/**
 * How far a function has come: numbers that may be lost. Each is a row of the `state` table, and what losing
 * it means is said where it is used.
 */
export interface Marks {
  get(name: "sweeper"): Promise<EpochMillis | undefined>;
  /** Only forwards: a smaller number than is there changes nothing. */
  advance(name: "sweeper", to: EpochMillis): Promise<void>;
}
