import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does something again and again, the next time so long after the last has ended. What fails is told, and comes
 * again. `stop` resolves when it has ended.
 */
export function repeatedly(
  everyMs: number,
  act: () => Promise<void>,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await act().catch(failed);
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
