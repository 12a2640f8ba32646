import type { Composed, SweeperPorts } from "../ports.ts";
import type { BatchFailures, StreamBatch } from "../stream-batch.ts";
import { sweeperMemory, tick } from "./tick.ts";
import { wake } from "./wake.ts";

/** Kept free before the function is cut off. */
const MARGIN_MS = 15_000;

export interface SweeperContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Ends what is over. Woken each minute for what has become due, and by the stream of the record for what cannot
 * wait: a revoke, a lock, other rules or another directory, a session that was withheld, an end that was asked for. It
 * also puts on record what the stream alone tells: that an item of the record was changed or removed.
 *
 * `startAnew` is called once all is done, where the rules' engine was lost: what has to end ends without it, and
 * only a new process has a new one.
 */
export function sweeperFunction(
  ports: Composed<SweeperPorts>,
  startAnew: () => void = () => {},
): (event: StreamBatch | object, context: SweeperContext) => Promise<BatchFailures | undefined> {
  const memory = sweeperMemory();
  return async (event, context) => {
    try {
      const deadline = ports.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
      if ("Records" in event) return await wake(ports, event, deadline);
      await tick(ports, memory, deadline);
      return undefined;
    } finally {
      if (ports.policy.isLost()) startAnew();
    }
  };
}
