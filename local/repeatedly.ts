import { setTimeout as sleep } from "node:timers/promises";

/**
 * Does something again and again, the next time so long after the last has ended. What fails is told, and comes
 * again. With `waits` the first time is so long after the start. `stop` resolves when it has ended.
 */
export function repeatedly(
  everyMs: number,
  act: () => Promise<void>,
  failed: (error: unknown) => void,
  { waits = false } = {},
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (): Promise<unknown> =>
    sleep(everyMs, undefined, { signal }).catch(() => undefined);
  const running = (async () => {
    if (waits) await pause();
    while (!signal.aborted) {
      await act().catch(failed);
      await pause();
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
