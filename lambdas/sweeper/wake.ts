import type { EpochMillis } from "../../core/clock.ts";
import { LOCK } from "../../core/locks.ts";
import { CONF } from "../activated.ts";
import type { SweeperPorts } from "../ports.ts";
import type { BatchFailures, StreamBatch, StreamRecord } from "../stream-batch.ts";
import { noticeTouched } from "./notice-touched.ts";
import { sweepAllLive } from "./sweep-live.ts";
import { sweepRequest } from "./sweep-request.ts";

/** What could not be swept so long after its event is left to the minute's round, and holds up no others of its shard. */
const SOON_MS = 10_000;

/**
 * What the stream tells: sweeps each request that got an event, and puts on record that items were changed or removed.
 * Neither waits for the other, and neither's failure is the other's: whatever failed is given back, but for a sweep
 * that the minute's round does as soon. Never throws.
 */
export async function wake(
  ports: SweeperPorts,
  { Records }: StreamBatch,
  deadline: EpochMillis,
): Promise<BatchFailures> {
  const [untold, unswept] = await Promise.all([
    noticeTouched(ports, Records, deadline),
    sweepNamed(ports, Records),
  ]);
  const failed = Records.filter((record) => untold.has(record) || unswept.has(record));
  return {
    batchItemFailures: failed.map(({ dynamodb }) => ({
      itemIdentifier: dynamodb?.SequenceNumber ?? "",
    })),
  };
}

/** Answers the records whose sweep failed, and is not left to the minute. */
async function sweepNamed(
  ports: SweeperPorts,
  records: readonly StreamRecord[],
): Promise<Set<StreamRecord>> {
  const failed = new Set<StreamRecord>();
  const done = new Map<string, boolean>();
  for (const record of records) {
    const chain = record.dynamodb?.Keys?.pk?.S ?? "";
    if (!chain.startsWith("REQ#") && !isOfAll(chain)) continue;
    if (!done.has(chain)) {
      try {
        // What is left undone has a date, or the round of its minute comes back to it.
        if (isOfAll(chain)) await sweepAllLive(ports);
        else await sweepRequest(ports, chain.slice("REQ#".length));
        done.set(chain, true);
      } catch (error) {
        ports.log.error("a request could not be swept", { chain }, error);
        ports.metrics.count("SweepUndone");
        done.set(chain, false);
      }
    }
    if (done.get(chain) === false && isNew(record, ports.clock.now())) failed.add(record);
  }
  return failed;
}

function isNew({ dynamodb }: StreamRecord, now: EpochMillis): boolean {
  const at = dynamodb?.ApproximateCreationDateTime;
  return at === undefined || now < at * 1_000 + SOON_MS;
}

/** Chains by whose events anybody's session may have to end. */
function isOfAll(chain: string): boolean {
  return chain === LOCK || chain === CONF;
}
