import { describe, expect, test } from "vitest";
import { MOST_IN_FLIGHT, outgoingWindow } from "../../session/outgoing-window.ts";

const numbered = (number: number) => Uint8Array.of(number & 0xff);

describe("the outgoing window", () => {
  test("numbers frames without a gap and takes 256 of them", () => {
    const window = outgoingWindow();
    const numbers: number[] = [];
    while (window.hasRoom()) {
      window.add((number) => {
        numbers.push(number);
        return numbered(number);
      }, 0);
    }
    expect(numbers).toEqual(Array.from({ length: 256 }, (_, i) => i));
    expect(MOST_IN_FLIGHT).toBe(256);
    window.acknowledged(100, 1);
    expect(window.hasRoom()).toBe(true);
  });

  test("resends the oldest frame once it is overdue, and not again before its timeout has passed anew", () => {
    const window = outgoingWindow();
    window.add(numbered, 0);
    window.add(numbered, 0);
    expect(window.overdue(200)).toBeUndefined();
    expect(window.overdue(201)).toEqual(Uint8Array.of(0));
    // The timeout is now 400: the plugin would resend at every look.
    for (const at of [300, 400, 500, 601]) expect(window.overdue(at)).toBeUndefined();
    expect(window.overdue(602)).toEqual(Uint8Array.of(0));
    expect(window.stats(602)).toMatchObject({ inFlight: 2, resent: 2, timeoutMs: 800 });
  });

  test("goes on to the next frame when the oldest is acknowledged", () => {
    const window = outgoingWindow();
    window.add(numbered, 0);
    window.add(numbered, 0);
    window.acknowledged(0, 150);
    expect(window.overdue(1_000)).toEqual(Uint8Array.of(1));
    window.acknowledged(1, 1_001);
    expect(window.isEmpty()).toBe(true);
    expect(window.overdue(9_000)).toBeUndefined();
  });

  test("takes a sample from a frame sent once, and none from one sent twice", () => {
    const window = outgoingWindow();
    window.add(numbered, 0);
    window.acknowledged(0, 50);
    expect(window.stats(50).timeoutMs).toBe(143.75);
    window.add(numbered, 100);
    expect(window.overdue(300)).toBeDefined();
    window.acknowledged(1, 301);
    expect(window.stats(301).timeoutMs).toBe(287.5);
  });

  test("an acknowledgement that is repeated or of an unknown number changes nothing", () => {
    const window = outgoingWindow();
    window.add(numbered, 0);
    const before = window.stats(10);
    for (const number of [1, -1, 0.5, Number.NaN, 2 ** 53]) window.acknowledged(number, 10);
    expect(window.stats(10)).toEqual(before);
    window.acknowledged(0, 10);
    const after = window.stats(10);
    window.acknowledged(0, 900);
    expect(window.stats(10)).toEqual(after);
  });

  test("a clock that was set back holds a frame for one timeout, not until it has caught up", () => {
    const window = outgoingWindow();
    window.add(numbered, 3_600_000);
    expect(window.overdue(0)).toBeUndefined();
    expect(window.overdue(201)).toEqual(Uint8Array.of(0));
    window.add(numbered, 3_600_000);
    window.acknowledged(1, 0);
    expect(window.stats(0).timeoutMs).toBeGreaterThan(0);
  });

  test("says how long the oldest frame has waited, resends or not", () => {
    const window = outgoingWindow();
    expect(window.stats(5).oldestUnacknowledgedMs).toBe(0);
    window.add(numbered, 10);
    window.overdue(500);
    expect(window.stats(5_010).oldestUnacknowledgedMs).toBe(5_000);
  });
});
