import { backOff } from "../core/back-off.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { EventStore, Fence } from "../core/event-store.ts";
import type { CommonPorts } from "./ports.ts";

export type Step<T> =
  | { events: StoredEvent[]; fences: Fence[]; result: T }
  | { events: []; result: T }
  /** What was loaded does not belong together, for somebody wrote in between. */
  | "again";

/**
 * The one way in. Decides and appends: `step` loads what it decides on and says what is to be written. When somebody else
 * was first, it is asked again, on what is there now. On return what `result` tells of is on record.
 *
 * Throws `record_conflict` when others kept being first until `deadline` (epoch ms), or what `step` throws.
 */
export async function commit<T>(
  ports: Pick<CommonPorts, "events" | "clock" | "random">,
  deadline: number,
  step: () => Promise<Step<T>>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const next = await step();
    if (next !== "again") {
      if (!("fences" in next)) return next.result;
      // The one place that has the right: every composition's ports are those of `Composed`.
      const record = ports.events as EventStore;
      if ((await record.append(next.events, next.fences)).kind === "appended") return next.result;
    }
    const wait = backOff(attempt, ports.random);
    if (ports.clock.now() + wait >= deadline) {
      throw new SallyportError("record_conflict", "others kept changing this", {
        retryAfterSeconds: 1,
      });
    }
    await ports.clock.sleep(wait);
  }
}
