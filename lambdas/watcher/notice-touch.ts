import type { EventBody } from "../../core/event-kinds.ts";
import type { WatcherPorts } from "../ports.ts";
import type { BatchFailures, StreamBatch } from "../stream-batch.ts";
import { putOnRecord } from "./put-on-record.ts";
import { callerOf, type Delivered } from "./read-cloud-trail.ts";

export type Touch = (EventBody & { kind: "record.touched" })["data"];

/** Puts on record that the record was touched, once, and alarms. */
export async function noticeTouch(ports: WatcherPorts, touch: Touch): Promise<void> {
  await putOnRecord(
    ports,
    ports.guarded.home,
    async () => ({ kind: "record.touched", data: touch, values: {} }),
    () => "RecordTouched",
  );
}

/**
 * Items of the record that were changed or removed, as the stream tells: nothing of ours does either. What cannot be
 * put on record is given back to the stream, which delivers it again.
 */
export async function noticeItems(
  ports: WatcherPorts,
  { Records }: StreamBatch,
): Promise<BatchFailures> {
  const batchItemFailures: BatchFailures["batchItemFailures"] = [];
  for (const { eventName = "", dynamodb } of Records) {
    if (eventName !== "MODIFY" && eventName !== "REMOVE") continue;
    const number = dynamodb?.SequenceNumber ?? "";
    const { pk, sk } = dynamodb?.Keys ?? {};
    try {
      await noticeTouch(ports, {
        what: "item",
        id: `stream:${number}`,
        action: eventName,
        about: `${pk?.S ?? ""} ${sk?.S ?? ""}`,
        caller: null,
      });
    } catch (error) {
      ports.log.error("a change of the record could not be told", { chain: pk?.S ?? "" }, error);
      batchItemFailures.push({ itemIdentifier: number });
    }
  }
  return { batchItemFailures };
}

/** A table of ours was changed, or AWS was asked to: whoever deploys the gateway does that, and nobody else. */
export async function noticeTable(ports: WatcherPorts, { detail }: Delivered): Promise<void> {
  const { errorCode, eventName, eventID, requestParameters } = detail;
  const named = ["tableName", "resourceArn", "tableArn", "sourceTableName", "sourceTableArn"]
    .map((name) => requestParameters?.[name])
    .find((value) => typeof value === "string");
  const caller = callerOf(detail);
  await noticeTouch(ports, {
    what: "table",
    id: `call:${eventID}`,
    action: errorCode === null ? eventName : `${eventName} (refused: ${errorCode})`,
    about: typeof named === "string" ? named.slice(0, 600) : "unknown",
    caller: (caller.arn ?? caller.service)?.slice(0, 600) ?? null,
  });
}
