import { foldRequest } from "../../core/fold-request.ts";
import { readersOf } from "../../core/may-read.ts";
import type { ProjectorPorts } from "../ports.ts";
import type { BatchFailures, StreamBatch } from "../stream-batch.ts";

/**
 * Keeps the lists up to date: re-reads each chain that the stream names and writes its row, only forwards,
 * so that order and repeats of the stream do not matter. Records that failed are given back to be retried.
 * An item of the record that was changed or removed is logged as an error: nothing of ours does that.
 */
export function projectorFunction(
  ports: ProjectorPorts,
): (batch: StreamBatch) => Promise<BatchFailures> {
  const project = async (chain: string): Promise<void> => {
    const id = chain.slice("REQ#".length);
    const state = foldRequest(id, await ports.events.load(chain));
    if (state.stage === "absent") return;
    await ports.views.put({
      id,
      seq: state.tail.seq,
      stage: state.stage,
      requester: state.requester.person,
      readers: readersOf(state),
      resource: state.resource.kind === "gateway" ? "" : state.resource.id,
      reviewOwed: state.breakGlass !== undefined && state.breakGlass.review === undefined,
      askedAt: state.askedAt,
    });
  };

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
          await project(chain);
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
