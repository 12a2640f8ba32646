import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import type { Log } from "../lambdas/log.ts";
import type { BatchFailures, StreamBatch } from "../lambdas/stream-batch.ts";

export interface StreamOptions {
  client: DynamoDBStreamsClient;
  streamArn: string;
  handle(batch: StreamBatch): Promise<BatchFailures>;
  log: Log;
}

const POLL_MS = 100;
const PAUSE_MS = 500;
/** As often as the deployed stream repeats a batch; then its rows stay behind until the chain goes on. */
const TRIES = 10;

/**
 * Hands the stream's records to a function as Lambda does, from the oldest there is: what it has seen
 * before, it only looks at. Whatever fails is logged and tried again. `stop` resolves when it has ended.
 */
export function followStream(options: StreamOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number): Promise<unknown> =>
    sleep(ms, undefined, { signal }).catch(() => undefined);

  const deliver = async (batch: StreamBatch): Promise<void> => {
    let left = batch;
    for (let attempt = 1; left.Records.length > 0 && !signal.aborted; attempt++) {
      const failed = new Set(
        (await options.handle(left)).batchItemFailures.map((failure) => failure.itemIdentifier),
      );
      left = {
        Records: left.Records.filter((record) => failed.has(record.dynamodb?.SequenceNumber ?? "")),
      };
      if (left.Records.length === 0) return;
      if (attempt === TRIES) {
        const count = left.Records.length;
        options.log.error("records were given up", { count }, new Error("failed ten times"));
        return;
      }
      await pause(PAUSE_MS);
    }
  };

  const follow = async (): Promise<void> => {
    const iterators = new Map<string, string | undefined>();
    while (!signal.aborted) {
      try {
        let read = 0;
        for (const shard of await newShards(options, iterators)) {
          iterators.set(shard, await oldest(options, shard));
        }
        for (const [shard, iterator] of iterators) {
          if (iterator === undefined) continue; // closed, and read to its end
          const answer = await options.client.send(
            new GetRecordsCommand({ ShardIterator: iterator }),
          );
          const records = (answer.Records ?? []).map(({ eventName, dynamodb }) => ({
            ...(eventName === undefined ? {} : { eventName }),
            dynamodb: {
              Keys: {
                pk: { S: dynamodb?.Keys?.["pk"]?.S ?? "" },
                sk: { S: dynamodb?.Keys?.["sk"]?.S ?? "" },
              },
              SequenceNumber: dynamodb?.SequenceNumber ?? "",
            },
          }));
          read += records.length;
          await deliver({ Records: records });
          iterators.set(shard, answer.NextShardIterator);
        }
        if (read === 0) await pause(POLL_MS);
      } catch (error) {
        if (signal.aborted) return;
        options.log.error("the stream could not be read", {}, error);
        iterators.clear(); // an iterator may have expired: begin again, which only costs reading
        await pause(PAUSE_MS);
      }
    }
  };

  const followed = follow();
  return {
    async stop() {
      stopping.abort();
      await followed;
    },
  };
}

/** A stream of one machine has one shard for long; one that closes is followed by another. */
async function newShards(
  { client, streamArn }: StreamOptions,
  known: ReadonlyMap<string, string | undefined>,
): Promise<string[]> {
  if ([...known.values()].some((iterator) => iterator !== undefined)) return [];
  const { StreamDescription } = await client.send(
    new DescribeStreamCommand({ StreamArn: streamArn }),
  );
  return (StreamDescription?.Shards ?? [])
    .map(({ ShardId }) => ShardId ?? "")
    .filter((id) => id !== "" && !known.has(id));
}

async function oldest(
  { client, streamArn }: StreamOptions,
  ShardId: string,
): Promise<string | undefined> {
  const answer = await client.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    }),
  );
  return answer.ShardIterator;
}
