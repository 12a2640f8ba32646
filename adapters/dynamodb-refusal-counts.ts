import {
  type AttributeValue,
  DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { EpochMillis } from "../core/clock.ts";
import { sha256Hex } from "../core/digest.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { CountedCaller } from "../core/kinds/swept.ts";
import { MINUTE_MS, minuteOf, minuteText } from "../core/rate-limits.ts";
import { callerKey, type RefusalCounts, type RefusalRow } from "../core/refusal-counts.ts";
import { limitsUnavailable, STATE_TIMEOUT_MS } from "./dynamodb-limits.ts";

const SHARDS = [0, 1, 2, 3];
/** Longer than the sweeper looks back where it has lost its mark. */
const KEPT_MS = 9 * 24 * 60 * MINUTE_MS;

/**
 * Counted refusals as rows of the `state` table: `REFUSED#<minute>#<shard of the caller>`, sort key caller, route,
 * code and what equal ones have in common; attribute `n`.
 *
 * A count is sent in one attempt on the wire, for one that is repeated may count twice. Where no answer comes the
 * caller is not told of the refusal, which may have been counted all the same.
 */
export function dynamoRefusalCounts(settings: {
  client: DynamoDBClient;
  tableName: string;
}): RefusalCounts {
  const { client, tableName: TableName } = settings;
  const once = withoutRetries(client);
  return {
    async count({ who, route, code, equal }, at) {
      const key = callerKey(who);
      try {
        const { Attributes } = await once.send(
          new UpdateItemCommand({
            TableName,
            Key: {
              pk: { S: partition(at, shardOf(key)) },
              sk: { S: `${key}#${route}#${code}#${equal ?? "-"}` },
            },
            UpdateExpression:
              "SET #kind = :kind, #id = :id, #route = :route, #code = :code, #equal = :equal, #expires = :expires ADD #n :one",
            ExpressionAttributeNames: {
              "#kind": "kind",
              "#id": "id",
              "#route": "route",
              "#code": "code",
              "#equal": "equal",
              "#expires": "expires",
              "#n": "n",
            },
            ExpressionAttributeValues: {
              ":kind": { S: who.kind },
              ":id": { S: who.id },
              ":route": { S: route },
              ":code": { S: code },
              ":equal": equal === null ? { NULL: true } : { S: equal },
              ":expires": { N: String((minuteOf(at) + KEPT_MS) / 1_000) },
              ":one": { N: "1" },
            },
            ReturnValues: "UPDATED_NEW",
          }),
          { abortSignal: AbortSignal.timeout(STATE_TIMEOUT_MS) },
        );
        const times = Number(Attributes?.["n"]?.N);
        if (!Number.isSafeInteger(times)) throw new TypeError("the table answered no number");
        return times;
      } catch (error) {
        throw limitsUnavailable(error);
      }
    },
    async of(at) {
      const shards = await Promise.all(SHARDS.map((shard) => rows(at, shard)));
      return shards.flat().map(readRow);
    },
  };

  async function rows(
    at: EpochMillis,
    shard: number,
  ): Promise<{ [name: string]: AttributeValue }[]> {
    const found: { [name: string]: AttributeValue }[] = [];
    let start: { [name: string]: AttributeValue } | undefined;
    do {
      const page = await client
        .send(
          new QueryCommand({
            TableName,
            ConsistentRead: true,
            KeyConditionExpression: "pk = :pk",
            ExpressionAttributeValues: { ":pk": { S: partition(at, shard) } },
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        )
        .catch((error: unknown) => {
          throw limitsUnavailable(error);
        });
      found.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }
}

function partition(at: EpochMillis, shard: number): string {
  return `REFUSED#${minuteText(at)}#${shard}`;
}

function shardOf(key: string): number {
  return Number.parseInt(sha256Hex(key).slice(0, 2), 16) % SHARDS.length;
}

function readRow(item: { [name: string]: AttributeValue }): RefusalRow {
  const text = (name: string): string => item[name]?.S ?? "";
  return {
    who: { kind: text("kind") as CountedCaller["kind"], id: text("id") },
    route: text("route"),
    code: text("code") as ErrorCode,
    equal: item["equal"]?.S ?? null,
    times: Number(item["n"]?.N ?? 0),
  };
}

/** The same client, over the same connections, that sends each command once. */
function withoutRetries(client: DynamoDBClient): DynamoDBClient {
  const { region, credentials, endpoint, requestHandler } = client.config;
  return new DynamoDBClient({
    region,
    credentials,
    requestHandler,
    maxAttempts: 1,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
}
