import type { Frame } from "./frame.ts";

/** How far ahead of the next frame one may be and still be kept, in frames. */
export const FARTHEST_AHEAD = 10_000;
/** What may be kept ahead, in bytes. */
export const MOST_BYTES_AHEAD = 32 * 1024 * 1024;

/** `dropped` is the one that is not acknowledged: the agent must send it again. */
type Arrival = "delivered" | "kept" | "repeated" | "dropped";

/** The agent's stream put in order. */
export interface IncomingOrder {
  /**
   * Takes a frame as it arrives. `deliver` gets every frame exactly once and in order; `acknowledge` is
   * called once for each arrival but a dropped one, and for the frame that is next only after it was
   * delivered: stopping between the two costs a repetition, never output.
   */
  arrived(
    frame: Frame,
    deliver: (frame: Frame) => void,
    acknowledge: (frame: Frame) => void,
  ): Arrival;
  /** Frames kept behind a gap. */
  ahead(): number;
}

/**
 * Ordering as the SSM agent does it. Frames already delivered are acknowledged again, which the
 * session-manager-plugin does not do: an agent whose first acknowledgement was lost would resend for ever.
 */
export function incomingOrder(): IncomingOrder {
  const kept = new Map<number, Frame>();
  let keptBytes = 0;
  let next = 0;
  let delivering = false;

  /** Delivers one frame and whatever waited for it. */
  function deliverFrom(
    frame: Frame,
    deliver: (frame: Frame) => void,
    acknowledge: (frame: Frame) => void,
  ): void {
    deliver(frame);
    acknowledge(frame);
    next++;
    for (let waiting = kept.get(next); waiting !== undefined; waiting = kept.get(next)) {
      deliver(waiting);
      kept.delete(next);
      keptBytes -= sizeOf(waiting);
      next++;
    }
  }

  return {
    ahead: () => kept.size,
    arrived(frame, deliver, acknowledge) {
      const number = frame.sequenceNumber;
      if (number < next || kept.has(number)) {
        acknowledge(frame);
        return "repeated";
      }
      if (number > next) {
        if (number - next > FARTHEST_AHEAD) return "dropped";
        if (keptBytes + sizeOf(frame) > MOST_BYTES_AHEAD) return "dropped";
        kept.set(number, frame);
        keptBytes += sizeOf(frame);
        acknowledge(frame);
        return "kept";
      }
      // A socket that calls back while a frame is being delivered must not get it delivered twice.
      if (delivering) return "dropped";
      delivering = true;
      try {
        deliverFrom(frame, deliver, acknowledge);
      } finally {
        delivering = false;
      }
      return "delivered";
    },
  };
}

/** The message a kept frame holds in memory: a header may claim any length. */
function sizeOf(frame: Frame): number {
  return frame.headerLength + frame.payload.length;
}
