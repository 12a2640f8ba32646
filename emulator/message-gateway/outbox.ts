/** Frames of one direction, kept until the other side acknowledges each. */
export interface Outbox {
  /** Frames sent and not acknowledged. */
  readonly size: number;
  /** The sequence number the next frame has to carry. */
  readonly next: number;
  /** Keeps a frame that is being sent now under `next`. */
  keep(bytes: Uint8Array, now: number): void;
  /** Forgets an acknowledged frame; false where there is none of that number. */
  acknowledge(sequenceNumber: number, now: number): boolean;
  /** The oldest frame, if it has waited longer than the timeout: to be sent again, byte for byte. */
  overdue(now: number): Uint8Array | undefined;
}

interface Kept {
  bytes: Uint8Array;
  sentAt: number;
  resent: boolean;
}

const MAX_TIMEOUT_MS = 1_000;
const CLOCK_GRANULARITY_MS = 10;

/**
 * The sender's half of the channel's reliability, with the constants of the official agent: 100 ms
 * estimated round trip, 200 ms first timeout, gains of 1/8 and 1/4. Unlike it, a frame sent again
 * starts a new wait, and its acknowledgement is no sample of the round trip (Karn's rule).
 */
export function createOutbox(): Outbox {
  const kept = new Map<number, Kept>(); // in the order sent, so the first is the oldest
  let next = 0;
  let roundTrip = 100;
  let variation = 0;
  let timeout = 200;

  return {
    get size() {
      return kept.size;
    },
    get next() {
      return next;
    },
    keep(bytes, now) {
      kept.set(next++, { bytes, sentAt: now, resent: false });
    },
    acknowledge(sequenceNumber, now) {
      const frame = kept.get(sequenceNumber);
      if (frame === undefined) return false;
      kept.delete(sequenceNumber);
      if (!frame.resent) {
        const sample = now - frame.sentAt;
        variation = (variation * 3 + Math.abs(roundTrip - sample)) / 4;
        roundTrip = (roundTrip * 7 + sample) / 8;
        timeout = Math.min(
          MAX_TIMEOUT_MS,
          roundTrip + Math.max(CLOCK_GRANULARITY_MS, 4 * variation),
        );
      }
      return true;
    },
    overdue(now) {
      for (const frame of kept.values()) {
        if (now - frame.sentAt <= timeout) return undefined;
        frame.sentAt = now;
        frame.resent = true;
        return frame.bytes;
      }
      return undefined;
    },
  };
}
