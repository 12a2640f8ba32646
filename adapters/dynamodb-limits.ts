import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { SallyportError } from "../core/errors.ts";
import { type Limits, MINUTE_MS, minuteOf, minuteText, type Rates } from "../core/rate-limits.ts";

/** A table that does not answer is one that failed: the caller is told while API Gateway still waits. */
export const STATE_TIMEOUT_MS = 10_000;
/** A minute's counter says nothing once the minute is over. */
const KEPT_MS = 60 * MINUTE_MS;

/** Counters that a process remembers to be full. */
const MOST_KEPT = 1_000;

/**
 * Counters as rows of the `state` table: `RATE#<per>#<of>`, sort key the minute, attribute `n`. One UpdateItem each,
 * and nobody's counter shares a partition with another's. One that the SDK repeats may count twice, which only makes
 * the limit stricter.
 */
export function dynamoLimits(settings: {
  client: DynamoDBClient;
  tableName: string;
  rates: Rates;
}): Limits {
  const { client, tableName: TableName, rates } = settings;
  /** Counters that were found full, with their minute; those of the minute before say nothing any more. */
  const full = new Map<string, string>();
  const usedUp: Limits["usedUp"] = (per, of, at) => full.get(`${per}#${of}`) === minuteText(at);
  return {
    usedUp,
    async take(per, of, at) {
      const limit = rates[per];
      if (usedUp(per, of, at)) return { kind: "exceeded", limit };
      try {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: { pk: { S: `RATE#${per}#${of}` }, sk: { S: minuteText(at) } },
            UpdateExpression: "SET #expires = :expires ADD #n :one",
            ConditionExpression: "attribute_not_exists(#n) OR #n < :limit",
            ExpressionAttributeNames: { "#n": "n", "#expires": "expires" },
            ExpressionAttributeValues: {
              ":one": { N: "1" },
              ":limit": { N: String(limit) },
              ":expires": { N: String((minuteOf(at) + KEPT_MS) / 1_000) },
            },
          }),
          { abortSignal: AbortSignal.timeout(STATE_TIMEOUT_MS) },
        );
        return { kind: "taken" };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          if (full.size >= MOST_KEPT) full.clear();
          full.set(`${per}#${of}`, minuteText(at));
          return { kind: "exceeded", limit };
        }
        throw limitsUnavailable(error);
      }
    },
  };
}

export function limitsUnavailable(error: unknown): SallyportError {
  return new SallyportError(
    "limits_unavailable",
    "the table that counts calls could not be reached, and nothing is done uncounted",
    { retryAfterSeconds: 1 },
    error,
  );
}
