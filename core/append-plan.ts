import { isoTime, utcDay } from "./clock.ts";
import { sha256Hex } from "./digest.ts";
import { dueBy, duePartition } from "./due.ts";
import type { StoredEvent } from "./event.ts";
import type { EventBody } from "./event-kinds.ts";
import type { Fence } from "./event-store.ts";
import { useKeyOf } from "./last-resort-use.ts";
import { USES, useKey, usePartition, watchedPartition, watchKeys } from "./watch/watch-keys.ts";

/** One item of the transaction an append is: only Puts of absent keys, and checks of absence. */
export type Write =
  | { kind: "put-event"; pk: string; sk: string; event: StoredEvent }
  | { kind: "put-index"; pk: string; sk: string; chain: string; seq: number }
  | { kind: "check-absent"; pk: string; sk: string; chain: string };

export const MAX_ENTRIES = 40;
/** The one sort key of the index of what was found. */
const WATCHED_KEY = "-";

/** `E#000001`: the sort key of an event. Six digits hold more than a request's thousand events. */
export function eventKey(seq: number): string {
  return `E#${String(seq).padStart(6, "0")}`;
}

/** The index partition of an event: its UTC day, in four shards by the first byte of a hash. */
export function dayPartition(day: string, eventId: string): string {
  return `DAY#${day}#${Number.parseInt(sha256Hex(eventId).slice(0, 2), 16) % 4}`;
}

/** The index partition by which the request of a session is found, in the transaction that records it. */
export function sessionPartition(sessionId: string): string {
  return `SESSION#${sessionId}`;
}

/**
 * The transaction of an append, as data. A fence on a chain that also gets an event is dropped, because
 * an item may stand in a transaction once and the event's own absence condition says the same; that
 * needs the event to be the one right after the fence, which is checked here.
 *
 * Throws TypeError for a plan that no caller may make: a gap, two events of one number, too many items.
 */
export function planAppend(events: StoredEvent[], fences: Fence[]): Write[] {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  const writes: Write[] = [];
  for (const event of events) {
    const before = last.get(event.chain);
    if (before !== undefined && event.seq !== before + 1)
      throw new TypeError("append: a gap in a chain");
    if (before === undefined) first.set(event.chain, event.seq);
    last.set(event.chain, event.seq);
    writes.push({ kind: "put-event", pk: event.chain, sk: eventKey(event.seq), event });
    const leaf = JSON.parse(event.leaf) as EventBody & { eventId: string; at: number };
    const { eventId, at, kind, data } = leaf;
    writes.push({
      kind: "put-index",
      pk: dayPartition(utcDay(at), eventId),
      sk: eventId,
      chain: event.chain,
      seq: event.seq,
    });
    for (const dueAt of dueBy(leaf)) {
      writes.push({
        kind: "put-index",
        pk: duePartition(dueAt),
        sk: `${isoTime(dueAt)}#${eventId}`,
        chain: event.chain,
        seq: event.seq,
      });
    }
    for (const key of watchKeys(leaf)) {
      writes.push({
        kind: "put-index",
        pk: watchedPartition(key),
        // The same for all: what is known by a key is put once.
        sk: WATCHED_KEY,
        chain: event.chain,
        seq: event.seq,
      });
    }
    if (kind === "last_resort.used") {
      const use = useKeyOf(data);
      const place = { chain: event.chain, seq: event.seq };
      writes.push({ kind: "put-index", pk: USES, sk: `${eventId}#${use}`, ...place });
      const sk = useKey(eventId, data.call.name);
      writes.push({ kind: "put-index", pk: usePartition(use), sk, ...place });
    }
    if (kind === "session.opened") {
      writes.push({
        kind: "put-index",
        pk: sessionPartition(data.sessionId),
        // By event: ECS, not we, sees to it that no id is given twice.
        sk: eventId,
        chain: event.chain,
        seq: event.seq,
      });
    }
  }
  const fenced = new Map<string, number>();
  for (const fence of fences) {
    const known = fenced.get(fence.chain) ?? (first.get(fence.chain) ?? fence.seq + 1) - 1;
    if (known !== fence.seq) throw new TypeError(`append: two readings of ${fence.chain}`);
    if (fenced.has(fence.chain) || first.has(fence.chain)) continue;
    fenced.set(fence.chain, fence.seq);
    writes.push({
      kind: "check-absent",
      pk: fence.chain,
      sk: eventKey(fence.seq + 1),
      chain: fence.chain,
    });
  }
  if (events.length === 0 || events.length + fences.length > MAX_ENTRIES) {
    throw new TypeError("append: between 1 and 40 events and fences");
  }
  return writes;
}
