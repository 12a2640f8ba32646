import {
  type CancellationReason,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { planAppend, type Write } from "../core/append-plan.ts";
import { backOff } from "../core/back-off.ts";
import type { Clock, Random } from "../core/clock.ts";
import { sha256Hex } from "../core/digest.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { Appended, EventStore, Fence } from "../core/event-store.ts";
import { dynamoEventReader, unavailable } from "./dynamodb-event-reader.ts";
import { ABSENT, transactItem } from "./event-items.ts";

/**
 * The event store on one DynamoDB table; `dynamodb-event-reader.ts` reads it.
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

/** At most 4 bytes a character, so at most 300 KB of an item's 400 KB. */
const TEXT_PART_CHARS = 75_000;

export function dynamoEvents(settings: DynamoEventsSettings): EventStore {
  const { client, tableName, clock, random } = settings;
  const deadlineMs = settings.appendDeadlineMs ?? 8_000;

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
    ...dynamoEventReader(settings),
    tableArn: settings.tableArn,
    append,

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
  };
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
