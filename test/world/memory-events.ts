import {
  dayPartition,
  eventKey,
  planAppend,
  sessionPartition,
  type Write,
} from "../../core/append-plan.ts";
import { isoTime } from "../../core/clock.ts";
import { sha256Hex } from "../../core/digest.ts";
import { duePartition } from "../../core/due.ts";
import { SallyportError } from "../../core/errors.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { Appended, EventPlace, EventStore, Fence } from "../../core/event-store.ts";
import {
  eventOfUseKey,
  USES,
  usePartition,
  watchedPartition,
} from "../../core/watch/watch-keys.ts";
import { partitionOf, type StoredItem, type Tables } from "./tables.ts";

const DAY_PAGE = 100;
const SESSION_PAGE = 10;
const USES_PAGE = 25;
/** DynamoDB takes no more in one transaction. */
const TRANSACTION_ITEMS = 100;

/**
 * The event store in memory: what `dynamoEvents` promises, held by the contract that both are run through.
 * `stored` is told what has become durable, at the instant it does. It never conflicts, throttles or loses an
 * answer: that is done to it from outside.
 */
export function memoryEvents(
  tables: Tables,
  tableArn: string,
  stored: (events: StoredEvent[]) => void = () => {},
): EventStore {
  const itemAt = ({ pk, sk }: { pk: string; sk: string }): StoredItem | undefined =>
    tables.items.get(pk)?.get(sk);

  function put(write: Write): void {
    if (write.kind === "check-absent") return;
    const partition = tables.items.get(write.pk) ?? new Map<string, StoredItem>();
    tables.items.set(write.pk, partition);
    partition.set(
      write.sk,
      Object.freeze(
        write.kind === "put-event"
          ? { event: frozen(write.event) }
          : { chain: write.chain, seq: write.seq },
      ),
    );
  }

  /** All of it at one instant: nothing comes between the checks and the puts. */
  function transact(events: StoredEvent[], fences: Fence[]): Appended {
    const writes = planAppend(events, fences);
    const keys = new Set(writes.map(({ pk, sk }) => `${pk}\n${sk}`));
    if (keys.size < writes.length || writes.length > TRANSACTION_ITEMS) {
      throw new SallyportError("record_unavailable", "DynamoDB takes no such transaction");
    }
    const failed = writes.filter((write) => itemAt(write) !== undefined);
    if (failed.length === 0) {
      for (const write of writes) put(write);
      stored(events);
      return { kind: "appended" };
    }
    const isOurs = (write: Write): boolean => {
      if (write.kind !== "put-event") return true;
      const there = itemAt(write);
      return there !== undefined && "event" in there && there.event.nonce === write.event.nonce;
    };
    if (writes.every(isOurs)) return { kind: "appended" };
    const chains = failed.map((write) =>
      write.kind === "put-event" ? write.event.chain : write.chain,
    );
    return { kind: "lost", chains: [...new Set(chains)] };
  }

  const eventsOf = (chain: string): StoredEvent[] =>
    partitionOf(tables, chain).flatMap(([sk, item]) =>
      sk.startsWith("E#") && "event" in item ? [item.event] : [],
    );
  const placesIn = (pk: string, after = " "): { sk: string; chain: string; seq: number }[] =>
    partitionOf(tables, pk).flatMap(([sk, item]) =>
      sk > after && "chain" in item ? [{ sk, chain: item.chain, seq: item.seq }] : [],
    );

  return {
    tableArn,
    append: async (events, fences) => transact(events, fences),
    load: async (chain, after = 0) => eventsOf(chain).filter(({ seq }) => seq > after),
    loadReadable: async (chain) => eventsOf(chain),
    tip: async (chain) => eventsOf(chain).at(-1),

    async putText(hash, text) {
      if (!tables.texts.has(hash)) tables.texts.set(hash, text);
    },

    async getText(hash) {
      const text = tables.texts.get(hash);
      if (text !== undefined && sha256Hex(text) !== hash) {
        throw new SallyportError("record_corrupt", `the text ${hash} does not hash to its name`);
      }
      return text;
    },

    async chainsOfSession(sessionId) {
      const places = placesIn(sessionPartition(sessionId)).slice(0, SESSION_PAGE);
      return [...new Set(places.map(({ chain }) => chain))];
    },

    async watched(key) {
      const [first] = placesIn(watchedPartition(key));
      return first === undefined ? undefined : { chain: first.chain, seq: first.seq };
    },

    event: async ({ chain, seq }) => eventsOf(chain).find((one) => one.seq === seq),

    async lastResortCalls(cursor = "~") {
      const before = placesIn(USES).filter(({ sk }) => sk < cursor);
      const page = before.toReversed().slice(0, USES_PAGE);
      const last = page.at(-1);
      return {
        calls: page.map(({ sk, ...place }) => ({
          ...place,
          use: sk.replace(/^[^#]*#/, ""),
          cursor: sk.replace(/#.*$/, ""),
        })),
        ...(before.length > USES_PAGE && last !== undefined
          ? { cursor: last.sk.replace(/#.*$/, "") }
          : {}),
      };
    },

    async callsOfUse(use) {
      return placesIn(usePartition(use)).map(({ sk, ...place }) => ({
        ...place,
        eventId: eventOfUseKey(sk),
      }));
    },

    async due(at) {
      return placesIn(duePartition(at))
        .filter(({ sk }) => sk.slice(0, 24) <= isoTime(at))
        .map(({ chain, seq }) => ({ chain, seq }));
    },

    async day(day, cursor = "") {
      const index = shardsOf(day)
        .flatMap((shard) => placesIn(shard, cursor === "" ? " " : cursor).slice(0, DAY_PAGE))
        .toSorted((a, b) => (a.sk < b.sk ? -1 : 1))
        .slice(0, DAY_PAGE);
      const found = index.map((place) => ({ place, item: itemAt(keyOf(place)) }));
      const last = index.at(-1);
      return {
        events: found.flatMap(({ item }) =>
          item !== undefined && "event" in item ? [item.event] : [],
        ),
        missing: found.flatMap(({ place: { chain, seq }, item }) =>
          item === undefined ? [{ chain, seq }] : [],
        ),
        ...(index.length === DAY_PAGE && last !== undefined ? { cursor: last.sk } : {}),
      };
    },
  };
}

function keyOf({ chain, seq }: EventPlace): { pk: string; sk: string } {
  return { pk: chain, sk: eventKey(seq) };
}

/** The four index partitions of a day, by whatever falls into them. */
function shardsOf(day: string): string[] {
  const shards = new Set<string>();
  for (let n = 0; shards.size < 4; n++) shards.add(dayPartition(day, String(n)));
  return [...shards];
}

/** What is stored is never changed: whoever tries learns of it. */
function frozen(event: StoredEvent): StoredEvent {
  return Object.freeze({ ...event });
}
