import type { WatcherTask } from "../../core/watch/watcher-task.ts";
import type { Composed, WatcherPorts } from "../ports.ts";
import { compareRecord } from "./compare-record.ts";
import { judgeCall } from "./judge-call.ts";
import { lookAtSessions } from "./look-at-sessions.ts";
import { noticeTable } from "./notice-touch.ts";
import { isOfCloudTrail, readDelivered, seenCall } from "./read-cloud-trail.ts";

/** Kept free before the function is cut off. */
const MARGIN_MS = 30_000;

export interface WatcherContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Compares what AWS saw with the record, and says what differs: of calls as CloudTrail delivers them, and by schedules of what should have been seen and was not. It decides nothing and ends
 * nothing. Whatever cannot be read, asked or put on record is thrown, and so delivered again, and in the end kept in a
 * queue with an alarm.
 */
export function watcherFunction(
  ports: Composed<WatcherPorts>,
): (event: WatcherTask | object, context: WatcherContext) => Promise<void> {
  return async (event, context) => {
    if (isOfCloudTrail(event)) {
      const delivered = readDelivered(event);
      if (delivered.detail.eventSource === "dynamodb.amazonaws.com") {
        await noticeTable(ports, delivered);
        return;
      }
      const call = seenCall(delivered);
      if (call !== undefined) await judgeCall(ports, call);
      return;
    }
    const deadline = ports.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    const task = "task" in event ? event.task : undefined;
    if (task === "compare" || task === "again") {
      await compareRecord(ports, deadline, task === "again");
    } else if (task === "sessions") {
      await lookAtSessions(ports);
    } else {
      throw new TypeError("the watcher was called for nothing it does");
    }
  };
}
