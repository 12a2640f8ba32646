import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { Trail } from "../emulator/cloud-trail/trail.ts";
import type { Log } from "../lambdas/log.ts";
import type { projectorFunction } from "../lambdas/projector/function.ts";
import type { sweeperFunction } from "../lambdas/sweeper/function.ts";
import type { watcherFunction } from "../lambdas/watcher/function.ts";
import { repeatedly } from "./repeatedly.ts";
import { followStream } from "./stream.ts";
import { startWatching } from "./watching.ts";

export interface BackgroundOptions {
  streams: DynamoDBStreamsClient;
  streamArn: string;
  trail: Trail;
  functions: {
    projector: ReturnType<typeof projectorFunction>;
    sweeper: ReturnType<typeof sweeperFunction>;
    watcher: ReturnType<typeof watcherFunction>;
  };
  log(name: string): Log;
}

/** Deployed it is each minute; here a person sits and watches. */
const SWEEP_MS = 2_000;
const NEVER_CUT = { getRemainingTimeInMillis: () => 60_000 };

/**
 * Wakes the functions that nobody calls: by the table's stream, by clocks and by what CloudTrail tells. `stop` resolves
 * when all of them have ended.
 */
export function startBackground(options: BackgroundOptions): { stop(): Promise<void> } {
  const { streams: client, streamArn, trail, functions, log } = options;
  const { projector, sweeper: sweep, watcher: watch } = functions;
  const parts = [
    followStream({ client, streamArn, handle: projector, log: log("stream") }),
    followStream({
      client,
      streamArn,
      handle: async (batch) => (await sweep(batch, NEVER_CUT)) ?? { batchItemFailures: [] },
      log: log("sweeper-stream"),
    }),
    repeatedly(
      SWEEP_MS,
      async () => void (await sweep({}, NEVER_CUT)),
      (error) => log("sweeper").error("a round failed", {}, error),
    ),
    startWatching({ trail, watch, log: log("watcher") }),
  ];
  return {
    async stop() {
      // Whatever one of them throws, the others have to end before what they work with does.
      const ended = await Promise.allSettled(parts.map((part) => part.stop()));
      const failures = ended.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      if (failures.length > 0) throw new AggregateError(failures, "not everything ended cleanly");
    },
  };
}
