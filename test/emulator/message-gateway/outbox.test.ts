import { describe, expect, it } from "vitest";
import { createOutbox } from "../../../emulator/message-gateway/outbox.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("createOutbox", () => {
  it("numbers frames from 0, and keeps each until it is acknowledged", () => {
    const outbox = createOutbox();
    expect([outbox.next, outbox.size]).toEqual([0, 0]);
    outbox.keep(bytes("a"), 0);
    outbox.keep(bytes("b"), 0);
    expect([outbox.next, outbox.size]).toEqual([2, 2]);
    expect(outbox.acknowledge(1, 10)).toBe(true);
    expect([outbox.next, outbox.size]).toEqual([2, 1]);
  });

  it("forgets nothing for an acknowledgement of what it does not hold", () => {
    const outbox = createOutbox();
    outbox.keep(bytes("a"), 0);
    for (const number of [-1, 1, 0.5, Number.NaN]) {
      expect(outbox.acknowledge(number, 1)).toBe(false);
    }
    expect(outbox.size).toBe(1);
    expect(outbox.acknowledge(0, 1)).toBe(true);
    expect(outbox.acknowledge(0, 1)).toBe(false);
  });

  it("sends the oldest again after more than 200 ms, the same bytes, and then waits anew", () => {
    const outbox = createOutbox();
    const oldest = bytes("a");
    outbox.keep(oldest, 0);
    outbox.keep(bytes("b"), 0);
    expect(outbox.overdue(200)).toBeUndefined();
    expect(outbox.overdue(201)).toBe(oldest);
    expect(outbox.overdue(401)).toBeUndefined();
    expect(outbox.overdue(402)).toBe(oldest);
    outbox.acknowledge(0, 402);
    expect(outbox.overdue(402)).toEqual(bytes("b"));
  });

  it("has nothing to send again once all is acknowledged", () => {
    const outbox = createOutbox();
    outbox.keep(bytes("a"), 0);
    outbox.acknowledge(0, 1);
    expect(outbox.overdue(1e9)).toBeUndefined();
  });

  it("waits shorter where answers come fast, but never longer than a second", () => {
    const timeoutAfter = (sample: number): number => {
      const outbox = createOutbox();
      for (let i = 0; i < 100; i++) {
        outbox.keep(bytes("x"), 0);
        outbox.acknowledge(i, sample);
      }
      outbox.keep(bytes("last"), 0);
      let waited = 0;
      while (waited < 5_000 && outbox.overdue(waited) === undefined) waited++;
      return waited;
    };
    expect(timeoutAfter(1)).toBeLessThan(30);
    expect(timeoutAfter(60_000)).toBe(1_001);
  });

  it("learns no round trip from a frame it sent twice", () => {
    const outbox = createOutbox();
    outbox.keep(bytes("a"), 0);
    outbox.overdue(201);
    outbox.acknowledge(0, 60_000);
    outbox.keep(bytes("b"), 0);
    expect(outbox.overdue(200)).toBeUndefined();
    expect(outbox.overdue(201)).toEqual(bytes("b"));
  });
});
