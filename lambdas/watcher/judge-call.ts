import { REVIEW_WITHIN_SECONDS } from "../../core/break-glass-annotations.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { MetricName } from "../../core/metrics.ts";
import { compareCall, requestOf } from "../../core/watch/compare.ts";
import { type History, historyOf } from "../../core/watch/history.ts";
import { onRecord, originOnRecord, type SeenCall } from "../../core/watch/seen-call.ts";
import { attemptKey, callKey } from "../../core/watch/watch-keys.ts";
import type { WatcherPorts } from "../ports.ts";
import { putOnRecord } from "./put-on-record.ts";

/**
 * Compares one call with the record, and puts on record what comes of it: the one ExecuteCommand of an attempt, or what
 * differs. Delivered twice it is on record once. Throws what the record does: then it is delivered again.
 */
export async function judgeCall(ports: WatcherPorts, call: SeenCall): Promise<void> {
  await putOnRecord(ports, call.place.account, () => findingOf(ports, call), alarmOf);
}

async function findingOf(ports: WatcherPorts, call: SeenCall): Promise<EventBody | undefined> {
  // Delivered before.
  if ((await ports.events.watched(callKey(call.id))) !== undefined) return undefined;
  const id = requestOf(call);
  const history: History =
    id === undefined
      ? { kind: "absent" }
      : historyOf(id, await ports.events.loadReadable(`REQ#${id}`));
  const verdict = compareCall(ports.guarded, call, history);
  switch (verdict.kind) {
    case "none":
      return undefined;
    case "last_resort":
      return {
        kind: "last_resort.used",
        data: {
          call: onRecord(call),
          ...originOnRecord(call),
          reviewDueAt: ports.clock.now() + REVIEW_WITHIN_SECONDS * 1_000,
        },
        values: {},
      };
    case "differs": {
      const { kind: _, ...found } = verdict;
      return { kind: "call.differed", data: { call: onRecord(call), ...found }, values: {} };
    }
    case "matched": {
      const { request, attempt } = verdict;
      const data = { call: onRecord(call), request, attempt };
      const place = await ports.events.watched(attemptKey(request, attempt));
      if (place === undefined) return { kind: "call.matched", data, values: {} };
      return {
        kind: "call.differed",
        data: { ...data, differences: ["extra"], guarded: true },
        values: {},
      };
    }
  }
}

function alarmOf(body: EventBody): MetricName | undefined {
  if (body.kind === "last_resort.used") return "LastResortUsed";
  return body.kind === "call.differed" && body.data.guarded ? "WatchDifference" : undefined;
}
