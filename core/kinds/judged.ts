import type { EpochMillis } from "../clock.ts";
import type { GroupSource } from "../group-source.ts";

/**
 * What a decision went by besides the events before it and the set in force, which its event names: with it
 * the decision can be made again (core/replay/again.ts). Nothing of the command stands in it: that is among the values.
 */
export interface Judged {
  /** The instant it was decided at, which may be before the event's own. */
  at: EpochMillis;
  /** Every group the caller was in, as they were then. */
  groups: string[];
  /** Who said so, where it was not the directory: nothing but this tells of them. */
  groupsFrom?: Exclude<GroupSource, "directory">;
}

/** Of an ask besides: what ECS said of its target that no other member tells. */
export interface JudgedAsk extends Judged {
  /** The duration that was asked for; null where it was left to the rules. */
  wished: number | null;
  /** What a rule could pin there: the revision and the image's digest. */
  revision: string | null;
  image: string | null;
}
