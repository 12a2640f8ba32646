import type { EventBody } from "../../core/event-kinds.ts";
import type { WatcherPorts } from "../ports.ts";
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
