import type { Frame } from "./frame.ts";

/** What to do with a frame that arrived. */
export interface Receipt {
  acknowledge: boolean;
  /** Frames now in order, oldest first: usually the one that arrived, or none. */
  deliver: Frame[];
}

export interface Inbox {
  /** `ready`: can what is in order be taken now? If not, it is not acknowledged and comes again. */
  receive(frame: Frame, ready: boolean): Receipt;
}

/** Frames held for a gap to close. The real agent holds 100,000; nobody honest needs that many. */
const MAX_HELD = 10_000;

/**
 * The receiver's half of the channel's reliability: delivers in order and each frame once, holds what
 * comes early, and acknowledges what it has already taken **again**. A sender transmits before it
 * stores, so an acknowledgement can overtake the storing and match nothing; only a second one ends
 * the retransmission then.
 */
export function createInbox(): Inbox {
  let expected = 0;
  const held = new Map<number, Frame>();

  return {
    receive(frame, ready) {
      const number = frame.sequenceNumber;
      if (number < 0) return { acknowledge: false, deliver: [] };
      if (number < expected) return { acknowledge: true, deliver: [] };
      if (number > expected) {
        if (held.has(number)) return { acknowledge: true, deliver: [] };
        if (held.size >= MAX_HELD) return { acknowledge: false, deliver: [] };
        held.set(number, frame);
        return { acknowledge: true, deliver: [] };
      }
      if (!ready) return { acknowledge: false, deliver: [] };
      const deliver = [frame];
      expected++;
      for (let early = held.get(expected); early !== undefined; early = held.get(expected)) {
        held.delete(expected++);
        deliver.push(early);
      }
      return { acknowledge: true, deliver };
    },
  };
}
