/** `watcher-conf` and `watcher-lock` are numbers of events, the others instants (epoch ms). */
export type MarkName = "sweeper" | "watcher" | "watcher-conf" | "watcher-lock";

/**
 * How far a function has come: numbers that may be lost. Each is a row of the `state` table, and what losing
 * it means is said where it is used.
 */
export interface Marks {
  get(name: MarkName): Promise<number | undefined>;
  /** Only forwards: a smaller number than is there changes nothing. */
  advance(name: MarkName, to: number): Promise<void>;
}
