import { backedOff, initialTiming, type Timing, withSample } from "./retransmission-timeout.ts";

/** Frames sent and not yet acknowledged, at most. The agent itself has no window. */
export const MOST_IN_FLIGHT = 256;

interface Sent {
  bytes: Uint8Array;
  firstSentAt: number;
  sentAt: number;
  resent: boolean;
}

/** What the window says of itself, in frames and milliseconds. */
export interface WindowStats {
  inFlight: number;
  resent: number;
  timeoutMs: number;
  oldestUnacknowledgedMs: number;
}

/** The frames we answer for: numbered without a gap from 0, each kept until it is acknowledged. */
export interface OutgoingWindow {
  hasRoom(): boolean;
  isEmpty(): boolean;
  /** Numbers a frame and keeps it. It must be kept before it is sent: an answer can come at once. */
  add(encode: (sequenceNumber: number) => Uint8Array, now: number): Uint8Array;
  /** Takes a frame off. An unknown number, such as a repeated acknowledgement, changes nothing. */
  acknowledged(sequenceNumber: number, now: number): void;
  /** The oldest frame, if it is overdue, to be sent again byte for byte. */
  overdue(now: number): Uint8Array | undefined;
  stats(now: number): WindowStats;
}

/**
 * Selective acknowledgement and retransmission as the SSM agent and the session-manager-plugin do it (only
 * the oldest frame is resent), without three of the plugin's faults: the time of a resend is stored, a
 * resent frame gives no sample, and a full window stops the sender instead of losing the oldest frame.
 */
export function outgoingWindow(): OutgoingWindow {
  const unacknowledged = new Map<number, Sent>();
  let nextNumber = 0;
  let timing: Timing = initialTiming;
  let resent = 0;

  const oldest = (): Sent | undefined => unacknowledged.values().next().value;

  return {
    hasRoom: () => unacknowledged.size < MOST_IN_FLIGHT,
    isEmpty: () => unacknowledged.size === 0,
    add(encode, now) {
      const bytes = encode(nextNumber);
      unacknowledged.set(nextNumber, { bytes, firstSentAt: now, sentAt: now, resent: false });
      nextNumber++;
      return bytes;
    },
    acknowledged(sequenceNumber, now) {
      const sent = unacknowledged.get(sequenceNumber);
      if (sent === undefined) return;
      unacknowledged.delete(sequenceNumber);
      if (!sent.resent) timing = withSample(timing, Math.max(0, now - sent.sentAt));
    },
    overdue(now) {
      const sent = oldest();
      if (sent === undefined) return undefined;
      // A wall clock set back must not hold the frame until it has caught up.
      if (now < sent.sentAt) sent.sentAt = now;
      if (now - sent.sentAt <= timing.timeoutMs) return undefined;
      sent.sentAt = now;
      sent.resent = true;
      timing = backedOff(timing);
      resent++;
      return sent.bytes;
    },
    stats: (now) => ({
      inFlight: unacknowledged.size,
      resent,
      timeoutMs: timing.timeoutMs,
      oldestUnacknowledgedMs: Math.max(0, now - (oldest()?.firstSentAt ?? now)),
    }),
  };
}
