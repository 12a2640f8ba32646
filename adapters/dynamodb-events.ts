import {
  BatchGetItemCommand,
  type CancellationReason,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { eventKey, planAppend, sessionPartition, type Write } from "../core/append-plan.ts";
import { backOff } from "../core/back-off.ts";
import { type Clock, isoTime, type Random } from "../core/clock.ts";
import { sha256Hex } from "../core/digest.ts";
import { duePartition } from "../core/due.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { Appended, EventPlace, EventStore, Fence } from "../core/event-store.ts";
import { eventOfUseKey, USES, usePartition, watchedPartition } from "../core/watch/watch-keys.ts";
import { ABSENT, type Item, storedEvent, transactItem } from "./event-items.ts";

/**
 * The event store on one DynamoDB table.
 *
 * This is the only module that writes to that table, and it only ever puts an item whose key is absent:
 * IAM can forbid updates and deletes, but no condition key sees whether a Put carried its condition. The
 * linter keeps the write commands out of every other module.
 */
export interface DynamoEventsSettings {
  client: DynamoDBClient;
  tableName: string;
  tableArn: string;
  clock: Clock;
  random: Random;
  /** How long an append may be repeated before it gives up. */
  appendDeadlineMs?: number;
}

const DAY_PAGE = 100;
/** One session has one chain; more would be another account's doing. */
const SESSION_PAGE = 10;
const USES_PAGE = 25;
const LAST = { ScanIndexForward: false, Limit: 1 };
const SHARDS = [0, 1, 2, 3];
/** At most 4 bytes a character, so at most 300 KB of an item's 400 KB. */
const TEXT_PART_CHARS = 75_000;

export function dynamoEvents(settings: DynamoEventsSettings): EventStore {
  const { client, tableName, clock, random } = settings;
  const deadlineMs = settings.appendDeadlineMs ?? 8_000;

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

  async function append(events: StoredEvent[], fences: Fence[]): Promise<Appended> {
    const writes = planAppend(events, fences);
    const command = new TransactWriteItemsCommand({
      TransactItems: writes.map((write) => transactItem(tableName, write)),
      // DynamoDB remembers it for ten minutes, and for every table: put back into another one, it is another call.
      ClientRequestToken: sha256Hex(`${tableName} ${events[0]?.nonce ?? ""}`).slice(0, 36),
    });
    const deadline = clock.now() + deadlineMs;
    for (let attempt = 0; ; attempt++) {
      try {
        await client.send(command);
        return { kind: "appended" };
      } catch (error) {
        const verdict = classify(error, writes);
        if (verdict.kind !== "again") return verdict;
        const wait = backOff(attempt, random);
        if (clock.now() + wait >= deadline) {
          // Whether the last try landed is not known; its events carry their nonces, so a repeat finds out.
          throw new SallyportError(
            verdict.busy ? "record_conflict" : "record_unavailable",
            verdict.busy ? "other writers kept the record busy" : "the record could not be written",
            { retryAfterSeconds: 1 },
            error,
          );
        }
        await clock.sleep(wait);
      }
    }
  }

  return {
    tableArn: settings.tableArn,
    append,

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

    async putText(hash, text) {
      const points = Array.from(text);
      for (let n = 0; n * TEXT_PART_CHARS < points.length || n === 0; n++) {
        const part = points.slice(n * TEXT_PART_CHARS, (n + 1) * TEXT_PART_CHARS).join("");
        try {
          await client.send(
            new PutItemCommand({
              TableName: tableName,
              Item: {
                pk: { S: `TEXT#${hash}` },
                sk: { S: `P#${String(n).padStart(3, "0")}` },
                text: { S: part },
              },
              ConditionExpression: ABSENT,
            }),
          );
        } catch (error) {
          // It is there: the key is the hash of what it holds.
          if (!(error instanceof ConditionalCheckFailedException)) throw unavailable(error);
        }
      }
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

type Verdict = Appended | { kind: "again"; busy: boolean };

/**
 * What a failed transaction means. Our own nonce in the way is our own write having landed. A failed
 * condition otherwise is a lost race. Conflicts and throttling used up nothing; anything else may have
 * landed, and is repeated as it was.
 */
function classify(error: unknown, writes: Write[]): Verdict {
  if (!(error instanceof TransactionCanceledException)) return { kind: "again", busy: false };
  const reasons = error.CancellationReasons ?? [];
  const failed = writes.flatMap((write, i) =>
    reasons[i]?.Code === "ConditionalCheckFailed"
      ? [{ write, reason: reasons[i] as CancellationReason }]
      : [],
  );
  if (failed.length === 0) return { kind: "again", busy: true };
  const ours = (write: Write & { kind: "put-event" }): boolean =>
    failed.some(
      ({ write: w, reason }) =>
        w === write && reason.Item?.[write.event.family]?.M?.["nonce"]?.S === write.event.nonce,
    );
  if (writes.every((write) => write.kind !== "put-event" || ours(write)))
    return { kind: "appended" };
  const chains = failed.map(({ write }) =>
    write.kind === "put-event" ? write.event.chain : write.chain,
  );
  return { kind: "lost", chains: [...new Set(chains)] };
}

function unavailable(error: unknown): SallyportError {
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
