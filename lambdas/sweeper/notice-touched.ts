import type { EpochMillis } from "../../core/clock.ts";
import { itemTouches } from "../../core/kinds/swept.ts";
import type { SweeperPorts } from "../ports.ts";
import { putFinding } from "../put-finding.ts";
import type { StreamRecord } from "../stream-batch.ts";
import { SWEEPER } from "./actor.ts";

/**
 * Puts on record, and alarms, that items of the record were changed or removed, as the stream tells: nothing of ours
 * does either. Delivered twice it is on record once. Answers the records of which it is not known to be on record, by
 * failure or because `deadline` (epoch ms) came first: nothing else finds them, so the stream has to bring them again.
 * Never throws.
 */
export async function noticeTouched(
  ports: SweeperPorts,
  records: readonly StreamRecord[],
  deadline: EpochMillis,
): Promise<Set<StreamRecord>> {
  const failed = new Set<StreamRecord>();
  // The record is at home.
  const account = ports.events.tableArn.split(":")[4] ?? "";
  for (const record of records) {
    const action = itemTouches.find((one) => one === record.eventName);
    if (action === undefined) continue;
    const { Keys: { pk, sk } = {}, SequenceNumber: id = "" } = record.dynamodb ?? {};
    try {
      if (id === "") throw new TypeError("a change without a number");
      if (ports.clock.now() >= deadline) throw new Error("there was no time left");
      const about = `${pk?.S ?? ""} ${sk?.S ?? ""}`;
      await putFinding(ports, {
        actor: SWEEPER,
        account,
        deadline,
        find: async () => ({ kind: "item.touched", data: { id, action, about }, values: {} }),
        alarm: () => "ItemTouched",
      });
    } catch (error) {
      ports.log.error("a change of the record could not be told", { chain: pk?.S ?? "" }, error);
      failed.add(record);
    }
  }
  return failed;
}
