import {
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { eventKey, sessionPartition } from "../core/append-plan.ts";
import { backOff } from "../core/back-off.ts";
import { type Clock, isoTime, type Random } from "../core/clock.ts";
import { sha256Hex } from "../core/digest.ts";
import { duePartition } from "../core/due.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { EventPlace, EventStore } from "../core/event-store.ts";
import { eventOfUseKey, USES, usePartition, watchedPartition } from "../core/watch/watch-keys.ts";
import { type Item, storedEvent } from "./event-items.ts";

export interface EventReaderSettings {
  client: DynamoDBClient;
  tableName: string;
  clock: Pick<Clock, "sleep">;
  random: Random;
}

const DAY_PAGE = 100;
/** One session has one chain; more would be another account's doing. */
const SESSION_PAGE = 10;
const USES_PAGE = 25;
const LAST = { ScanIndexForward: false, Limit: 1 };
const SHARDS = [0, 1, 2, 3];

/**
 * How the record is read: events of a chain and by the indexes that were put with them, always as they are now. Throws
 * `record_unavailable` where the table does not answer.
 */
export function dynamoEventReader(
  settings: EventReaderSettings,
): Omit<EventStore, "tableArn" | "append" | "putText"> {
  const { client, tableName, clock, random } = settings;

  async function read(
    where: string,
    pk: string,
    sk: string,
    more: Partial<QueryCommandInput> = {},
  ): Promise<QueryCommandOutput> {
    return await reading(() =>
      client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: where,
          ExpressionAttributeValues: { ":pk": { S: pk }, ":sk": { S: sk } },
          ...more,
        }),
      ),
    );
  }

  async function query(pk: string, after: string, limit?: number, cap?: number): Promise<Item[]> {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await read("pk = :pk AND sk > :sk", pk, after, {
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined && (cap === undefined || items.length < cap));
    return items;
  }

  return {
    async load(chain, after = 0) {
      const items = await query(chain, after === 0 ? "E#" : eventKey(after));
      return items.map((item) => storedEvent(item));
    },

    async loadReadable(chain) {
      const events: StoredEvent[] = [];
      for (const item of await query(chain, "E#")) {
        try {
          events.push(storedEvent(item));
        } catch {
          return events;
        }
      }
      return events;
    },

    async tip(chain) {
      const page = await read("pk = :pk AND begins_with(sk, :sk)", chain, "E#", LAST);
      const item = page.Items?.[0];
      return item === undefined ? undefined : storedEvent(item);
    },

    async getText(hash) {
      const items = await query(`TEXT#${hash}`, "P#");
      if (items.length === 0) return undefined;
      const text = items.map((item) => item["text"]?.S ?? "").join("");
      if (sha256Hex(text) !== hash) {
        throw new SallyportError("record_corrupt", `the text ${hash} does not hash to its name`);
      }
      return text;
    },

    async chainsOfSession(sessionId) {
      const items = await query(sessionPartition(sessionId), " ", SESSION_PAGE, SESSION_PAGE);
      return [...new Set(items.map((item) => item["chain"]?.S ?? ""))];
    },

    async watched(key) {
      return (await query(watchedPartition(key), " ", 1, 1)).map(placeIn)[0];
    },

    async event({ chain, seq }) {
      // By a Query: not every function that reads the record has another right.
      const page = await read("pk = :pk AND sk = :sk", chain, eventKey(seq));
      const item = page.Items?.[0];
      return item === undefined ? undefined : storedEvent(item);
    },

    async lastResortCalls(cursor) {
      // `~` sorts after every character of an id.
      const more = { ScanIndexForward: false, Limit: USES_PAGE };
      const page = await read("pk = :pk AND sk < :sk", USES, cursor ?? "~", more);
      const items = (page.Items ?? []).map((item) => ({
        ...placeIn(item),
        sk: item["sk"]?.S ?? "",
      }));
      const last = page.LastEvaluatedKey === undefined ? undefined : items.at(-1);
      return {
        calls: items.map(({ sk, ...place }) => ({
          ...place,
          use: sk.replace(/^[^#]*#/, ""),
          cursor: sk.replace(/#.*$/, ""),
        })),
        ...(last === undefined ? {} : { cursor: last.sk.replace(/#.*$/, "") }),
      };
    },

    async callsOfUse(use) {
      const items = await query(usePartition(use), " ");
      return items.map((item) => ({
        ...placeIn(item),
        eventId: eventOfUseKey(item["sk"]?.S ?? ""),
      }));
    },

    async due(at) {
      const items = await query(duePartition(at), " ");
      return items.filter((item) => (item["sk"]?.S ?? "").slice(0, 24) <= isoTime(at)).map(placeIn);
    },

    async day(day, cursor = "") {
      const shards = await Promise.all(
        SHARDS.map((shard) =>
          query(`DAY#${day}#${shard}`, cursor === "" ? " " : cursor, DAY_PAGE, DAY_PAGE),
        ),
      );
      const index = shards
        .flat()
        .map((item) => ({ eventId: item["sk"]?.S ?? "", ...placeIn(item) }))
        .toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))
        .slice(0, DAY_PAGE);
      const found = await getEvents(index);
      const last = index.at(-1);
      return {
        ...found,
        ...(index.length === DAY_PAGE && last !== undefined ? { cursor: last.eventId } : {}),
      };
    },
  };

  /** The events an index names, in its order, and the places where there is none. */
  async function getEvents(
    index: EventPlace[],
  ): Promise<{ events: StoredEvent[]; missing: EventPlace[] }> {
    if (index.length === 0) return { events: [], missing: [] };
    const found = new Map<string, StoredEvent>();
    // DynamoDB refuses a key that is empty, and one that comes twice.
    const sound = index.filter(
      ({ chain, seq }) => chain !== "" && Number.isInteger(seq) && seq > 0,
    );
    const once = new Map(sound.map((place) => [`${place.chain}/${place.seq}`, place]));
    let keys: Item[] = [...once.values()].map(({ chain, seq }) => ({
      pk: { S: chain },
      sk: { S: eventKey(seq) },
    }));
    for (let attempt = 0; keys.length > 0; attempt++) {
      if (attempt > 0) await clock.sleep(backOff(attempt, random));
      if (attempt > 20) throw unavailable(new Error("BatchGetItem left keys unprocessed 20 times"));
      const answer = await reading(() =>
        client.send(
          new BatchGetItemCommand({
            RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } },
          }),
        ),
      );
      for (const item of answer.Responses?.[tableName] ?? []) {
        const event = storedEvent(item);
        found.set(`${event.chain}/${event.seq}`, event);
      }
      keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    const at = ({ chain, seq }: EventPlace): StoredEvent | undefined =>
      found.get(`${chain}/${seq}`);
    return {
      events: index.flatMap((place) => at(place) ?? []),
      missing: index
        .filter((place) => at(place) === undefined)
        .map(({ chain, seq }) => ({ chain, seq })),
    };
  }
}

function placeIn(item: Item): EventPlace {
  return { chain: item["chain"]?.S ?? "", seq: Number(item["seq"]?.N) };
}

/** `record_unavailable`: whether it can be read or written is not known. */
export function unavailable(error: unknown): SallyportError {
  return new SallyportError(
    "record_unavailable",
    "the record could not be reached",
    { retryAfterSeconds: 1 },
    error,
  );
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw unavailable(error);
  }
}
