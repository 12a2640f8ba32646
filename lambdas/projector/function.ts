import type { ProjectorPorts } from "../ports.ts";
import { rowOf } from "../row-of.ts";
import type { BatchFailures, StreamBatch } from "../stream-batch.ts";

/**
 * Keeps the lists up to date: re-reads each chain that the stream names and writes its row, only forwards,
 * so that order and repeats of the stream do not matter. Records that failed are given back to be retried.
 * An item of the record that was changed or removed is logged as an error: nothing of ours does that.
 */
export function projectorFunction(
  ports: ProjectorPorts,
): (batch: StreamBatch) => Promise<BatchFailures> {
  return async (batch) => {
    const failed: BatchFailures["batchItemFailures"] = [];
    const done = new Map<string, boolean>();
    for (const record of batch.Records) {
      const chain = record.dynamodb?.Keys?.pk?.S ?? "";
      if (record.eventName === "MODIFY" || record.eventName === "REMOVE") {
        ports.log.error(
          "an item of the record was changed",
          { chain },
          new Error(record.eventName),
        );
      }
      if (!chain.startsWith("REQ#")) continue;
      if (!done.has(chain)) {
        try {
          const row = await rowOf(ports.events, chain);
          if (row !== undefined) await ports.views.put(row);
          done.set(chain, true);
        } catch (error) {
          ports.log.error("a chain could not be projected", { chain }, error);
          done.set(chain, false);
        }
      }
      if (done.get(chain) === false)
        failed.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" });
    }
    return { batchItemFailures: failed };
  };
}
