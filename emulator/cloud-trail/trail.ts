import type { TrailEvent } from "./record.ts";

/** What EventBridge makes of the trail of every account: each event to each who takes them. */
export interface Trail {
  /** Whoever takes events keeps what cannot be done at once: nothing here waits for them or comes again. */
  subscribe(take: (event: TrailEvent) => void): void;
  /** What is written from now on comes late: when it is let go. */
  hold(): void;
  /** Delivers what was held, in any order and each so often: EventBridge promises to deliver once at least. */
  letGo(times?: number): void;
}

export interface WrittenTrail extends Trail {
  write(events: readonly TrailEvent[]): void;
}

/** `defect` is told what whoever takes events throws: no call fails by its trail. */
export function createTrail(defect: (error: unknown) => void): WrittenTrail {
  const takers: ((event: TrailEvent) => void)[] = [];
  let held: TrailEvent[] | undefined;
  const deliver = (event: TrailEvent): void => {
    for (const take of takers) {
      try {
        take(structuredClone(event));
      } catch (error) {
        defect(error);
      }
    }
  };
  return {
    subscribe: (take) => void takers.push(take),
    hold() {
      held ??= [];
    },
    letGo(times = 1) {
      const late = (held ?? []).toReversed();
      held = undefined;
      for (let n = 0; n < times; n++) late.forEach(deliver);
    },
    write(events) {
      if (held === undefined) events.forEach(deliver);
      else held.push(...events);
    },
  };
}
