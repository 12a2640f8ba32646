import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { scanEvents } from "../adapters/dynamodb-scan.ts";
import { dynamoViews } from "../adapters/dynamodb-views.ts";
import type { Clock, Random } from "../core/clock.ts";
import type { RecordReader } from "../core/event-store.ts";
import type { ListRebuilding } from "../core/recovery.ts";
import type { Views } from "../core/views.ts";
import { rowOf } from "../lambdas/row-of.ts";

/** Chains read and filed at once. */
const AT_ONCE = 16;

/** The lists of one table, made anew from the record of another: by what files them while the gateway serves. */
export function listRebuilding(settings: {
  client: DynamoDBClient;
  tableName: string;
  viewsTable: string;
  clock: Clock;
  random: Random;
}): ListRebuilding {
  const { client, tableName, viewsTable, clock, random } = settings;
  // Nothing is written to the record, so whose it is need not be known.
  const events = dynamoEvents({ client, tableName, tableArn: "", clock, random });
  const views = dynamoViews({ client, tableName: viewsTable });
  return {
    async rebuild(after, progress) {
      let filed = 0;
      const failed: { chain: string; what: string }[] = [];
      for await (const page of scanEvents({ client, tableName }, after)) {
        const chains = page.events.flatMap(({ chain, seq }) =>
          seq === 1 && chain.startsWith("REQ#") ? [chain] : [],
        );
        const worker = async (): Promise<void> => {
          for (let chain = chains.pop(); chain !== undefined; chain = chains.pop()) {
            try {
              await fileAnew(events, views, chain);
              filed += 1;
            } catch (error) {
              failed.push({ chain, what: error instanceof Error ? error.message : String(error) });
            }
          }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, worker));
        progress(filed, page.cursor);
      }
      return { filed, failed };
    },
  };
}

/**
 * Files one request whatever its row says: after a restore it may say more than the record does. If an event came in
 * between, what filed that one may have come before us, so it is filed once more.
 */
async function fileAnew(events: RecordReader, views: Views, chain: string): Promise<void> {
  for (;;) {
    const row = await rowOf(events, chain);
    if (row === undefined) return;
    await views.putAnew(row);
    if ((await events.tip(chain))?.seq === row.seq) return;
  }
}
