import { readFileSync } from "node:fs";
import type { WatcherTask } from "../../core/watch/watcher-task.ts";

/** What something takes of the tables and the logs. */
export interface Taken {
  writeUnits: number;
  readUnits: number;
  /** Of the functions' own lines. */
  logBytes: number;
}

/** What a clock wakes a function for: the sweeper for its round, the watcher for its tasks. */
export type Tick = "sweep" | WatcherTask["task"];

/** What bench/session-usage.ts counted. */
export interface Usage {
  day: string;
  session: Taken & {
    apiCalls: { [name: string]: number };
    transactions: number;
    /** Of CloudTrail's that the bus is given, each a call of the watcher. */
    busEvents: number;
    /** Of all that, what the watcher takes of the tables. */
    watcher: { writeUnits: number; readUnits: number };
  };
  poll: Taken;
  /** A round of each in which nothing is due. */
  ticks: { [tick in Tick]: Taken };
}

export function readUsage(): Usage {
  return JSON.parse(readFileSync(new URL("usage.json", import.meta.url), "utf8")) as Usage;
}

/**
 * What nobody can count on one machine, each with what it was taken to be. A change here changes every sum.
 */
export const assumed = {
  callMs: { is: 100, what: "a function's time for a call, the waiting apart" },
  backgroundMs: {
    is: 100,
    what: "a function's time for a batch of the stream, an event or a round",
  },
  waitedMinutes: {
    is: 5,
    what: "for which who asks waits for approvals, and a function with them",
  },
  pollSeconds: { is: 20, what: "that one look of who waits lasts" },
  platformLogBytes: { is: 350, what: "that Lambda itself writes of each invocation" },
  metricLogBytes: { is: 250, what: "that a round's own count takes in the log" },
  accessLogBytes: { is: 500, what: "that API Gateway writes of each call" },
  keyCalls: { is: 20, what: "of the account's own key for a session" },
  endpointServices: { is: 3, what: "interface endpoints that a VPC needs: STS, ECS and SSM" },
  keptMonths: { is: 12, what: "for which the record has grown: it is never deleted" },
} satisfies { [name: string]: { is: number; what: string } };
