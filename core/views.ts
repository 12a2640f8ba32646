import type { EpochMillis } from "./clock.ts";
import type { Readers } from "./may-read.ts";
import type { Stage } from "./request-state.ts";

/**
 * One row of the lists: where a request is to be found, never what it says. Rows may lag or be lost and
 * are rebuilt from the chains; nothing is decided by them.
 */
export interface ViewRow {
  id: string;
  /** Number of the last event it reflects. */
  seq: number;
  stage: Stage;
  requester: string;
  readers: Readers;
  /** Id of the service or family; empty for an activation. */
  resource: string;
  /** Whether a review is owed of it. */
  reviewOwed: boolean;
  askedAt: EpochMillis;
}

export interface FoundRow {
  id: string;
  /** `<time>#<id>`: the place in the list. */
  sort: string;
  /** Undefined in a row of a version that did not write them. */
  readers: Readers | undefined;
  /** Whether it stands in the list of those that a review is owed of as well. */
  reviewOwed: boolean;
}

export type ViewIndex =
  | { by: "requester"; requester: string }
  | { by: "stage"; stage: Stage }
  | { by: "resource"; resource: string }
  | { by: "day"; day: string }
  /** Those that a review is owed of. */
  | { by: "review" };

export interface Views {
  /** Writes the row unless a later one is there: order and repeats do not matter. */
  put(row: ViewRow): Promise<void>;
  /** Writes the row whatever is there: for whoever makes the lists anew, and looks afterwards whether it is still so. */
  putAnew(row: ViewRow): Promise<void>;
  /** Number of the last event the row of a request reflects (consistent read); 0 when there is none. */
  seqOf(id: string): Promise<number>;
  /**
   * Rows newest first, asked within [from, to] (epoch ms). Eventually consistent. `cursor` is the `sort` of the
   * row after which to go on.
   */
  page(
    index: ViewIndex,
    range: { from: EpochMillis; to: EpochMillis },
    cursor: string | undefined,
    limit: number,
  ): Promise<{ rows: FoundRow[]; more: boolean }>;
}
