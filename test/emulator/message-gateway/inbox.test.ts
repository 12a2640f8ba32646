import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../../emulator/message-gateway/frame.ts";
import { createInbox, type Inbox } from "../../../emulator/message-gateway/inbox.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

const frame = (sequenceNumber: number): Frame => ({
  messageType: "input_stream_data",
  sequenceNumber,
  payloadType: 1,
  messageId: "00000000-0000-4000-8000-000000000000",
  payload: Buffer.from(String(sequenceNumber)),
});

function receive(inbox: Inbox, number: number, ready = true) {
  const { acknowledge, deliver } = inbox.receive(frame(number), ready);
  return { acknowledge, delivered: deliver.map(({ sequenceNumber }) => sequenceNumber) };
}

describe("createInbox", () => {
  it("delivers what comes in order at once", () => {
    const inbox = createInbox();
    expect(receive(inbox, 0)).toEqual({ acknowledge: true, delivered: [0] });
    expect(receive(inbox, 1)).toEqual({ acknowledge: true, delivered: [1] });
  });

  it("acknowledges a duplicate again, and delivers it no second time", () => {
    const inbox = createInbox();
    receive(inbox, 0);
    expect(receive(inbox, 0)).toEqual({ acknowledge: true, delivered: [] });
    expect(receive(inbox, 2)).toEqual({ acknowledge: true, delivered: [] });
    expect(receive(inbox, 2)).toEqual({ acknowledge: true, delivered: [] });
    expect(receive(inbox, 1)).toEqual({ acknowledge: true, delivered: [1, 2] });
    expect(receive(inbox, 2)).toEqual({ acknowledge: true, delivered: [] });
  });

  it("neither takes nor acknowledges what cannot be taken now, and takes it when it comes again", () => {
    const inbox = createInbox();
    expect(receive(inbox, 0, false)).toEqual({ acknowledge: false, delivered: [] });
    expect(receive(inbox, 0)).toEqual({ acknowledge: true, delivered: [0] });
    // A duplicate asks for no room, so it is acknowledged even where there is none.
    expect(receive(inbox, 0, false)).toEqual({ acknowledge: true, delivered: [] });
  });

  it("knows no negative number", () => {
    const inbox = createInbox();
    expect(receive(inbox, -1)).toEqual({ acknowledge: false, delivered: [] });
    expect(receive(inbox, 0).delivered).toEqual([0]);
  });

  it("holds 10,000 early frames and acknowledges none beyond them", () => {
    const inbox = createInbox();
    for (let number = 1; number <= 10_000; number++) inbox.receive(frame(number), true);
    expect(receive(inbox, 10_001)).toEqual({ acknowledge: false, delivered: [] });
    expect(receive(inbox, 10_000)).toEqual({ acknowledge: true, delivered: [] });
    expect(receive(inbox, 0).delivered).toHaveLength(10_001);
    expect(receive(inbox, 10_001)).toEqual({ acknowledge: true, delivered: [10_001] });
  });

  it(`delivers each frame once and in order, however they come (seed ${seed})`, () => {
    const anyOrder = fc
      .integer({ min: 1, max: 30 })
      .chain((count) =>
        fc
          .tuple(
            fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
            fc.array(fc.nat(count - 1), { maxLength: 20 }),
          )
          .map(([all, again]) => ({ count, arrivals: [...again, ...all, ...again] })),
      );
    fc.assert(
      fc.property(anyOrder, ({ count, arrivals }) => {
        const inbox = createInbox();
        const receipts = arrivals.map((number) => receive(inbox, number));
        expect(receipts.every(({ acknowledge }) => acknowledge)).toBe(true);
        const delivered = receipts.flatMap((receipt) => receipt.delivered);
        expect(delivered).toEqual([...Array(count).keys()]);
      }),
      { seed, numRuns: 100 },
    );
  });
});
