import type { EpochMillis } from "./clock.ts";
import type { StoredEvent } from "./event.ts";
import type { RestoreLook } from "./restore-plan.ts";

/** How far something long has come. */
export type Progress = (done: number) => void;

/** What is done to the record by whoever operates the gateway, beside it and under the recovery role. */
export interface Recovery {
  readonly table: { name: string; arn: string };
  /** In what the table is not as the stack makes it. */
  readonly unlike: readonly string[];
  /** By the clock that dates the fences. */
  now(): EpochMillis;
  /** The whole record, item by item. `strange` are items that stand where events do and are none. */
  read(progress: Progress): Promise<{ events: StoredEvent[]; strange: string[] }>;
  /**
   * Puts events back that the table has lost, and texts that they name. Appended as they were, in the order of their
   * times; whoever is cut off begins again. Throws `record_conflict` where another event stands in the place of one.
   */
  putBack(
    missing: readonly StoredEvent[],
    texts: ReadonlyMap<string, string>,
    progress: Progress,
  ): Promise<void>;
  /** Puts the fences on CONF; answers their numbers. Behind the last one the table is open. */
  fence(look: Pick<RestoreLook, "ends" | "highestNamed">, reason: string): Promise<number[]>;
}

/** The lists, made anew from the record. */
export interface ListRebuilding {
  /**
   * Files every request anew, whatever its row says; `after` is where an earlier run got to. What fails is told by
   * chain, and keeps nothing else from being filed. May be done at any time and any number of times.
   */
  rebuild(
    after: string | undefined,
    progress: (filed: number, cursor: string | undefined) => void,
  ): Promise<{ filed: number; failed: { chain: string; what: string }[] }>;
}
