import type { EpochMillis } from "./clock.ts";
import type { StoredEvent } from "./event.ts";

/**
 * "This chain is still as I read it": the event after `seq` does not exist. Chains have no gaps and
 * nothing is ever taken off them, so the absence of one key says all of that.
 */
export interface Fence {
  chain: string;
  seq: number;
}

export interface EventPlace {
  chain: string;
  seq: number;
}

/** Where a call by the last resort is on record, and the use it is of. */
export interface UsedPlace extends EventPlace {
  use: string;
  /** Where to go on behind it: its event alone, for who is shown where they go on may not see the use. */
  cursor: string;
}

/** Where a call of one use of it is on record. */
export interface CallOfUse extends EventPlace {
  eventId: string;
}

export type Appended =
  | { kind: "appended" }
  /** Somebody else was first on these chains: nothing was written. Reload them and decide again. */
  | { kind: "lost"; chains: string[] };

/**
 * The record to whoever judges: it can be read, and not written. What is to be written goes through
 * lambdas/commit.ts, which has loaded and judged what it writes.
 */
export type RecordReader = Omit<EventStore, "append">;

/**
 * The record: append-only chains of immutable events, the only truth.
 *
 * Reads are strongly consistent. `append` is atomic over everything it is given, durable on return, and
 * safe to repeat: an event that is found to be already there by its nonce counts as appended.
 */
export interface EventStore {
  /** Events of a chain after number `after`, in order. An absent chain is empty. */
  load(chain: string, after?: number): Promise<StoredEvent[]>;
  /** The same up to the first item that is no event: of a chain that was spoilt, what stands before that. */
  loadReadable(chain: string): Promise<StoredEvent[]>;
  /** The last event of a chain. */
  tip(chain: string): Promise<StoredEvent | undefined>;
  /**
   * Appends events, all or none, provided that every fence holds. A fence on a chain that also gets an
   * event is implied by it. At most 40 events and fences in all.
   *
   * Throws `record_unavailable` when nothing is known to have been written or when it cannot be known;
   * in both cases a repeat of the same events is safe. Throws `record_conflict` when others kept
   * writing until the deadline.
   */
  append(events: StoredEvent[], fences: Fence[]): Promise<Appended>;
  /** Puts a text under its own SHA-256 unless it is there. Durable on return. */
  putText(hash: string, text: string): Promise<void>;
  /** The text of a hash, verified; undefined when it is not there. */
  getText(hash: string): Promise<string | undefined>;
  /**
   * Events of one UTC day by their eventId, from index items written with them; page by `cursor`. `missing`
   * are places that the index names and where no event stands: one bad item must not hide a day.
   */
  day(
    day: string,
    cursor?: string,
  ): Promise<{ events: StoredEvent[]; missing: EventPlace[]; cursor?: string }>;
  /**
   * Chains that say a session of this id was opened, by an index written with them. It locates: whether it
   * is so, the chain says.
   */
  chainsOfSession(sessionId: string): Promise<string[]>;
  /** The finding that is known by this key, from an index written with it; undefined where there is none. */
  watched(key: string): Promise<EventPlace | undefined>;
  /** One event; undefined where none stands. */
  event(place: EventPlace): Promise<StoredEvent | undefined>;
  /**
   * Calls by the last resort, newest first, each with the use it is of, from an index written with them; `cursor` is
   * where to go on.
   */
  lastResortCalls(cursor?: string): Promise<{ calls: UsedPlace[]; cursor?: string }>;
  /** The calls of one use of it: those by which the role was taken up, and then the others, oldest first. */
  callsOfUse(use: string): Promise<CallOfUse[]>;
  /**
   * Events by which something becomes due in the minute of `at` and not after `at`, from index items written with
   * them.
   */
  due(at: EpochMillis): Promise<EventPlace[]>;
  /** ARN of the table behind it: what an activation is bound to. */
  readonly tableArn: string;
}
