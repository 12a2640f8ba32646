interface Due {
  at: number;
  order: number;
  fn: () => void;
}

/** Time that passes only when a test says so, and runs what falls due in order. */
export class VirtualClock {
  readonly #due: Due[] = [];
  #now: number;
  #order = 0;

  constructor(now = 1_795_489_000_000) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  /** How many timers have not run and were not cancelled. */
  get pending(): number {
    return this.#due.length;
  }

  readonly setTimer = (ms: number, fn: () => void): (() => void) => {
    const entry = { at: this.#now + Math.max(0, ms), order: this.#order++, fn };
    this.#due.push(entry);
    return () => {
      const at = this.#due.indexOf(entry);
      if (at >= 0) this.#due.splice(at, 1);
    };
  };

  /** Lets `ms` pass. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    this.#now = until;
  }

  /** Runs timer by timer until `done`, or until `ms` have passed; says whether it was done. */
  runUntil(done: () => boolean, ms: number): boolean {
    const until = this.#now + ms;
    while (!done()) {
      const next = this.#next(until);
      if (next === undefined) return false;
      this.#now = Math.max(this.#now, next.at);
      next.fn();
    }
    return true;
  }

  #next(until: number): Due | undefined {
    let first: Due | undefined;
    for (const entry of this.#due) {
      if (entry.at > until) continue;
      if (
        first === undefined ||
        entry.at < first.at ||
        (entry.at === first.at && entry.order < first.order)
      ) {
        first = entry;
      }
    }
    if (first !== undefined) this.#due.splice(this.#due.indexOf(first), 1);
    return first;
  }
}
