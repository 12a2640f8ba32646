import { setTimeout as sleep } from "node:timers/promises";
import type { WatcherTask } from "../core/watch/watcher-task.ts";
import type { Trail } from "../emulator/cloud-trail/trail.ts";
import type { Log } from "../lambdas/log.ts";
import type { watcherFunction } from "../lambdas/watcher/function.ts";
import { repeatedly } from "./repeatedly.ts";

export interface WatchingOptions {
  trail: Trail;
  watch: ReturnType<typeof watcherFunction>;
  log: Log;
  /**
   * How long after its last round each schedule's next one comes.
   *
   * @default about as deployed
   */
  everyMs?: { [task in WatcherTask["task"]]: number };
}

const PAUSE_MS = 500;
/** Deployed it is tried for hours, and then kept in a queue. */
const TRIES = 10;
const NEVER_CUT = { getRemainingTimeInMillis: () => 300_000 };
const MINUTE_MS = 60_000;
/** As lib/watching.ts has it, but for what goes on at SSM: here a person sits and watches. */
const EVERY_MS: NonNullable<WatchingOptions["everyMs"]> = {
  compare: 5 * MINUTE_MS,
  sessions: MINUTE_MS,
  again: 24 * 60 * MINUTE_MS,
};

/**
 * What wakes the watcher: each call that CloudTrail tells of, one after the other, and schedules. Whatever fails is
 * logged and tried again. `stop` resolves when all that was told of has been compared, or given up.
 */
export function startWatching(options: WatchingOptions): { stop(): Promise<void> } {
  const { trail, watch, log, everyMs = EVERY_MS } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let told: Promise<void> = Promise.resolve();

  const deliver = async (event: object): Promise<void> => {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      try {
        return await watch(event, NEVER_CUT);
      } catch (error) {
        log.error("a call was not compared", { attempt }, error);
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    log.error("a call was given up", {}, new Error("failed ten times"));
  };
  trail.subscribe((event) => {
    told = told.then(() => deliver(event));
  });
  const rounds = (Object.keys(everyMs) as WatcherTask["task"][]).map((task) =>
    repeatedly(
      everyMs[task],
      () => watch({ task }, NEVER_CUT),
      (error) => log.error("a round failed", { function: task }, error),
      { waits: true },
    ),
  );
  return {
    async stop() {
      stopping.abort();
      await Promise.all([told, ...rounds.map((round) => round.stop())]);
    },
  };
}
