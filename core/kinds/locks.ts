import type { Lock } from "../locks.ts";
import type { Repeatable } from "./asked.ts";
import type { Judged } from "./judged.ts";

/** What a person wrote of a lock, under `lock.<id>`: each on its own, so that each can be erased alone. */
export interface LockText {
  reason: string;
  /** SHA-256 of the canonical body it was set by. */
  body: string;
}

/** Of every lock that stands after the event, so that the last event alone says why. */
export interface LockTexts {
  [field: `lock.${string}`]: LockText;
}

/** What persons lock and unlock, on the one chain LOCK. */
export interface LockKinds {
  "lock.set": {
    data: {
      id: string;
      person: string;
      /** All that stand after it. */
      locks: Lock[];
      judged?: Judged;
      repeat?: Repeatable;
    };
    values: LockTexts;
  };
  /** The first of two persons that unlocking takes. */
  "lock.release_asked": {
    data: { id: string; person: string; locks: Lock[]; judged?: Judged };
    values: LockTexts & { comment?: string };
  };
  /** The second, with whom it stands no more. */
  "lock.released": {
    data: { id: string; person: string; first: string; locks: Lock[]; judged?: Judged };
    values: LockTexts & { comment?: string };
  };
}
