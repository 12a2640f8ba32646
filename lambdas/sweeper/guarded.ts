import type { SweeperPorts } from "../ports.ts";

/** What one part of a round does: a failure is logged and counted as `SweepUndone`, and undefined. Never throws. */
export async function guarded<T>(
  { log, metrics }: Pick<SweeperPorts, "log" | "metrics">,
  what: string,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    log.error(what, {}, error);
    metrics.count("SweepUndone");
    return undefined;
  }
}
