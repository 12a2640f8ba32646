import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { scanEvents } from "../adapters/dynamodb-scan.ts";
import type { Clock, Random } from "../core/clock.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { Recovery } from "../core/recovery.ts";
import { commit } from "../lambdas/commit.ts";
import { putFences } from "./put-fences.ts";

export interface RecoverySettings {
  client: DynamoDBClient;
  tableName: string;
  clock: Clock;
  random: Random;
  /** Whoever restores, as STS knows them. */
  principal: string;
}

/** Of one transaction: with its index items an event takes three places of a hundred. */
const AT_ONCE = 20;
const APPEND_MS = 30_000;

/** The record of one table, to whoever restores it. Throws `record_unavailable` where there is no such table. */
export async function openRecovery(settings: RecoverySettings): Promise<Recovery> {
  const { client, tableName, clock, random, principal } = settings;
  const { arn, unlike } = await describe(client, tableName);
  const events = dynamoEvents({ client, tableName, tableArn: arn, clock, random });
  const ports = { events, clock, random };
  return {
    table: { name: tableName, arn },
    unlike,
    now: () => clock.now(),

    async read(progress) {
      const read: StoredEvent[] = [];
      const strange: string[] = [];
      for await (const page of scanEvents({ client, tableName })) {
        read.push(...page.events);
        strange.push(...page.strange);
        progress(read.length);
      }
      return { events: read, strange };
    },

    async putBack(missing, texts, progress) {
      // Before any event that names them.
      for (const [hash, text] of texts) await events.putText(hash, text);
      for (let from = 0; from < missing.length; from += AT_ONCE) {
        const some = missing.slice(from, from + AT_ONCE);
        await commit<void>(ports, clock.now() + APPEND_MS, async () => ({
          events: some,
          fences: [],
          result: undefined,
        }));
        progress(from + some.length);
      }
    },

    fence: (look, reason) => putFences(ports, look, { principal, reason }),
  };
}

async function describe(
  client: DynamoDBClient,
  tableName: string,
): Promise<{ arn: string; unlike: string[] }> {
  const { Table: table } = await client
    .send(new DescribeTableCommand({ TableName: tableName }))
    .catch((error: unknown) => {
      throw new SallyportError(
        "record_unavailable",
        `the table ${tableName} cannot be described: ${error instanceof Error ? error.message : ""}`,
        { hint: "name it with --table, its region with --region, and take on the recovery role" },
        error,
      );
    });
  if (table?.TableArn === undefined) {
    throw new SallyportError("record_unavailable", `there is no table ${tableName}`);
  }
  const unlike = [
    ...(table.StreamSpecification?.StreamEnabled === true &&
    table.StreamSpecification.StreamViewType === "KEYS_ONLY"
      ? []
      : [
          "it has no stream of keys: no session would end at once, and the lists would stand still",
        ]),
    ...(table.DeletionProtectionEnabled === true ? [] : ["anybody may delete it"]),
  ];
  return { arn: table.TableArn, unlike };
}
