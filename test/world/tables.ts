import type { EpochMillis } from "../../core/clock.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { EventPlace } from "../../core/event-store.ts";
import type { RefusalRow } from "../../core/refusal-counts.ts";
import type { ViewRow } from "../../core/views.ts";

/** An item of the events table: an event, or a place that an index names. */
export type StoredItem = { event: StoredEvent } | EventPlace;

/** What is durable: it outlives every crash. Partition key, sort key, item. */
export interface Tables {
  items: Map<string, Map<string, StoredItem>>;
  texts: Map<string, string>;
  views: Map<string, ViewRow>;
  marks: Map<string, EpochMillis>;
  /** Of calls, by minute. */
  counters: Map<string, number>;
  refused: Map<string, RefusalRow>;
}

export function emptyTables(): Tables {
  return {
    items: new Map(),
    texts: new Map(),
    views: new Map(),
    marks: new Map(),
    counters: new Map(),
    refused: new Map(),
  };
}

/** A copy that can be written to on its own; what is stored is never changed, and so is shared. */
export function copyOf({ items, texts, views, marks, counters, refused }: Tables): Tables {
  return {
    items: new Map([...items].map(([pk, partition]) => [pk, new Map(partition)])),
    texts: new Map(texts),
    views: new Map(views),
    marks: new Map(marks),
    counters: new Map(counters),
    refused: new Map(refused),
  };
}

/** Items of a partition in the order of their sort keys. */
export function partitionOf(tables: Tables, pk: string): [sk: string, item: StoredItem][] {
  return [...(tables.items.get(pk) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Every event of the table, chain by chain. */
export function eventsIn(tables: Tables): StoredEvent[] {
  return [...tables.items.keys()].flatMap((pk) =>
    partitionOf(tables, pk).flatMap(([, item]) => ("event" in item ? [item.event] : [])),
  );
}
