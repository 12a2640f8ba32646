import { describe, expect, test } from "vitest";
import { decodeFrame, type Frame } from "../../session/frame.ts";
import {
  FARTHEST_AHEAD,
  type IncomingOrder,
  incomingOrder,
  MOST_BYTES_AHEAD,
} from "../../session/incoming-order.ts";
import { plainBytes } from "./plain-frame.ts";

const frame = (sequenceNumber: number, payload: string | Buffer = String(sequenceNumber)): Frame =>
  decodeFrame(plainBytes({ type: "output_stream_data", payloadType: 1, sequenceNumber, payload }));

function arrive(order: IncomingOrder, numbers: number[]): { result: string; log: string[] } {
  const log: string[] = [];
  const results = numbers.map((number) =>
    order.arrived(
      frame(number),
      (it) => log.push(`deliver ${it.sequenceNumber}`),
      (it) => log.push(`ack ${it.sequenceNumber}`),
    ),
  );
  return { result: results.join(" "), log };
}

describe("the order of incoming frames", () => {
  test("a frame is acknowledged after it was delivered, and before what waited for it", () => {
    const order = incomingOrder();
    expect(arrive(order, [1, 2]).log).toEqual(["ack 1", "ack 2"]);
    expect(arrive(order, [0]).log).toEqual(["deliver 0", "ack 0", "deliver 1", "deliver 2"]);
    expect(order.ahead()).toBe(0);
  });

  test("a repeated frame is acknowledged each time and never delivered again", () => {
    const order = incomingOrder();
    arrive(order, [0, 2]);
    const { result, log } = arrive(order, [0, 2, 0, 2]);
    expect(result).toBe("repeated repeated repeated repeated");
    expect(log).toEqual(["ack 0", "ack 2", "ack 0", "ack 2"]);
    expect(arrive(order, [1]).log).toEqual(["deliver 1", "ack 1", "deliver 2"]);
  });

  test("a frame beyond the bound is neither kept nor acknowledged", () => {
    const order = incomingOrder();
    expect(arrive(order, [FARTHEST_AHEAD]).result).toBe("kept");
    const { result, log } = arrive(order, [FARTHEST_AHEAD + 1, Number.MAX_SAFE_INTEGER]);
    expect(result).toBe("dropped dropped");
    expect(log).toEqual([]);
    expect(order.ahead()).toBe(1);
  });

  test("no flood of frames makes it keep more than 10,000 of them or 32 MiB", () => {
    const order = incomingOrder();
    const many = frame(1);
    const results = new Map<string, number>();
    for (let number = 1; number <= 20_000; number++) {
      const result = order.arrived(
        { ...many, sequenceNumber: number },
        () => {},
        () => {},
      );
      results.set(result, (results.get(result) ?? 0) + 1);
    }
    expect(results).toEqual(
      new Map([
        ["kept", 10_000],
        ["dropped", 10_000],
      ]),
    );

    const bytes = incomingOrder();
    const large = frame(1, Buffer.alloc(4 * 1024 * 1024));
    const kept = Array.from({ length: 20 }, (_, i) =>
      bytes.arrived(
        { ...large, sequenceNumber: i + 1 },
        () => {},
        () => {},
      ),
    ).filter((result) => result === "kept");
    expect(kept).toHaveLength(Math.floor(MOST_BYTES_AHEAD / large.payload.length) - 1);
  });

  test("a huge header counts as much as a huge payload", () => {
    const order = incomingOrder();
    const padded = { ...frame(1), headerLength: MOST_BYTES_AHEAD };
    expect(
      order.arrived(
        padded,
        () => {},
        () => {},
      ),
    ).toBe("dropped");
  });

  test("a delivered byte makes room for another", () => {
    const order = incomingOrder();
    const half = frame(0, Buffer.alloc(MOST_BYTES_AHEAD / 2));
    const put = (sequenceNumber: number) =>
      order.arrived(
        { ...half, sequenceNumber },
        () => {},
        () => {},
      );
    expect([put(1), put(2), put(0), put(3), put(2)]).toEqual([
      "kept",
      "dropped",
      "delivered",
      "kept",
      "delivered",
    ]);
  });

  test("a frame whose delivery fails is not acknowledged, and is delivered when it comes again", () => {
    const order = incomingOrder();
    const log: string[] = [];
    expect(() =>
      order.arrived(
        frame(0),
        () => {
          throw new Error("no");
        },
        () => log.push("ack"),
      ),
    ).toThrow("no");
    expect(log).toEqual([]);
    expect(arrive(order, [0]).log).toEqual(["deliver 0", "ack 0"]);
  });

  test("the same frame arriving while it is being delivered is not delivered twice", () => {
    const order = incomingOrder();
    const log: string[] = [];
    const nested: string[] = [];
    order.arrived(
      frame(0),
      (it) => {
        log.push(`deliver ${it.sequenceNumber}`);
        if (it.sequenceNumber === 0) nested.push(arrive(order, [0, 1]).result);
      },
      () => log.push("ack"),
    );
    expect(nested).toEqual(["dropped kept"]);
    expect(log).toEqual(["deliver 0", "ack", "deliver 1"]);
  });
});
