import type { Clock, EpochMillis } from "../../core/clock.ts";

export interface WorldClock extends Clock {
  /** Lets so much time pass at once: whoever sleeps less wakes up late. */
  advance(ms: number): void;
  /** How much has passed by waiting: jumps left out. */
  waited(): number;
}

/**
 * Time that passes only while everybody waits for it: when nothing else is left to be done, the clock jumps to
 * the earliest sleeper. So nothing depends on how fast the machine is, and a wait of an hour takes none.
 */
export function worldClock(start: EpochMillis): WorldClock {
  let now = start;
  let jumped = 0;
  let order = 0;
  let pumping = false;
  const sleepers: { at: EpochMillis; order: number; wake(): void }[] = [];
  // A turn of the event loop comes only once all promises that can go on have gone on.
  const pump = (): void => {
    const next = sleepers.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
    if (next === undefined) {
      pumping = false;
      return;
    }
    sleepers.splice(sleepers.indexOf(next), 1);
    now = Math.max(now, next.at);
    next.wake();
    setImmediate(pump);
  };
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
      jumped += ms;
    },
    waited: () => now - jumped,
    sleep: (ms) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, order: ++order, wake });
        if (pumping) return;
        pumping = true;
        setImmediate(pump);
      }),
  };
}
