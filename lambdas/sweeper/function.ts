import { LOCK } from "../../core/locks.ts";
import { CONF } from "../activated.ts";
import type { Composed, SweeperPorts } from "../ports.ts";
import type { BatchFailures, StreamBatch } from "../stream-batch.ts";
import { sweepAllLive } from "./sweep-live.ts";
import { sweepRequest } from "./sweep-request.ts";
import { sweeperMemory, tick } from "./tick.ts";

/** Kept free before the function is cut off. */
const MARGIN_MS = 15_000;

export interface SweeperContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Ends what is over. Woken each minute for what has become due, and by the stream of the record for what cannot
 * wait: a revoke, a lock, other rules or another directory, a session that was withheld, an end that was asked for.
 *
 * `startAnew` is called once all is done, where the rules' engine was lost: what has to end ends without it, and
 * only a new process has a new one.
 */
export function sweeperFunction(
  ports: Composed<SweeperPorts>,
  startAnew: () => void = () => {},
): (event: StreamBatch | object, context: SweeperContext) => Promise<BatchFailures | undefined> {
  const memory = sweeperMemory();
  const wake = async (batch: StreamBatch): Promise<BatchFailures> => {
    const failed: BatchFailures["batchItemFailures"] = [];
    const done = new Map<string, boolean>();
    for (const { dynamodb } of batch.Records) {
      const chain = dynamodb?.Keys?.pk?.S ?? "";
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
      if (done.get(chain) === false)
        failed.push({ itemIdentifier: dynamodb?.SequenceNumber ?? "" });
    }
    return { batchItemFailures: failed };
  };
  return async (event, context) => {
    try {
      if ("Records" in event) return await wake(event);
      const deadline = ports.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
      await tick(ports, memory, deadline);
      return undefined;
    } finally {
      if (ports.policy.isLost()) startAnew();
    }
  };
}

/** Chains by whose events anybody's session may have to end. */
function isOfAll(chain: string): boolean {
  return chain === LOCK || chain === CONF;
}
