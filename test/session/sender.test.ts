import { describe, expect, test } from "vitest";
import { inputFramesOf, openSession, readySession, typed } from "./open-session.ts";
import { plainFrame } from "./plain-frame.ts";

describe("input", () => {
  test("what is typed in one turn goes in one frame, and a later turn in another", () => {
    const harness = readySession();
    for (const key of "echo") harness.channel.write(Buffer.from(key));
    harness.clock.advance(1);
    for (const key of " hi") harness.channel.write(Buffer.from(key));
    harness.clock.advance(1);
    expect(harness.agent.input.map(String)).toEqual(["echo", " hi"]);
  });

  test("a line feed alone is sent as it is", () => {
    const harness = readySession();
    harness.channel.write(Buffer.from("\n"));
    harness.clock.advance(1);
    expect(harness.agent.input.map(String)).toEqual(["\n"]);
  });

  test("the caller may reuse its buffer, and nothing written sends nothing", () => {
    const harness = readySession();
    const buffer = Buffer.from("abc");
    harness.channel.write(buffer);
    buffer.fill(0);
    harness.clock.advance(1);
    harness.channel.write(new Uint8Array(0));
    harness.clock.advance(1);
    expect(harness.agent.input.map(String)).toEqual(["abc"]);
  });

  test("a long paste goes in frames of at most 1,024 bytes, at most 256 unacknowledged, at most 500 a second", () => {
    const harness = readySession();
    const paste = Buffer.alloc(600 * 1024 + 1, "paste! ");
    let most = 0;
    harness.channel.write(paste);
    for (let ms = 0; ms < 1_000; ms++) {
      harness.clock.advance(1);
      most = Math.max(most, harness.channel.stats.framesInFlight);
    }
    const sent = inputFramesOf(harness);
    expect(sent.length).toBeGreaterThan(500);
    expect(sent.length).toBeLessThanOrEqual(600);
    expect(sent.every(({ payload }) => payload.length <= 1_024 && payload.length > 0)).toBe(true);
    expect(most).toBeLessThanOrEqual(256);
    harness.clock.advance(1_000);
    expect(Buffer.concat(harness.agent.input).equals(paste)).toBe(true);
  });

  test("an agent that does not acknowledge gets 256 frames and one of them again and again, nothing is lost", () => {
    const harness = readySession();
    harness.agent.acknowledges = false;
    const paste = Buffer.alloc(300 * 1024, "0123456");
    harness.channel.write(paste);
    harness.clock.advance(60_000);
    const numbers = harness.agent.arrivals;
    expect(Math.max(...numbers)).toBe(255);
    expect(new Set(numbers).size).toBe(256);
    // One resend a second once the timeout has backed off, not ten: and only of the oldest.
    const resent = numbers.length - 256;
    expect(resent).toBeGreaterThan(40);
    expect(resent).toBeLessThan(80);
    expect(numbers.filter((number) => number === 0)).toHaveLength(resent + 1);
    expect(harness.channel.stats).toMatchObject({ framesInFlight: 256, framesResent: resent });
    expect(harness.channel.stats.oldestUnacknowledgedMs).toBeGreaterThan(59_000);
    harness.agent.acknowledges = true;
    harness.clock.runUntil(() => harness.channel.stats.framesInFlight === 0, 600_000);
    expect(Buffer.concat(harness.agent.input).equals(paste)).toBe(true);
  });

  test("a resent frame is the same frame, byte for byte", () => {
    const harness = readySession();
    harness.agent.acknowledges = false;
    harness.channel.write(Buffer.from("x"));
    harness.clock.advance(3_000);
    const sent = harness.far.sent.slice(1).filter((data) => plainFrame(data).payloadType === 1);
    expect(sent.length).toBeGreaterThan(2);
    for (const data of sent) expect(data).toEqual(sent[0]);
  });

  test("on a path slower than the first timeout, the timeout grows until nothing is resent", () => {
    const slow = () => [450];
    const harness = readySession({ toFarEnd: slow, toClient: slow });
    harness.clock.advance(1_000);
    for (let i = 0; i < 30; i++) {
      harness.channel.write(Buffer.from("k"));
      harness.clock.advance(1_500);
    }
    const settled = harness.channel.stats.framesResent;
    for (let i = 0; i < 30; i++) {
      harness.channel.write(Buffer.from("k"));
      harness.clock.advance(1_500);
    }
    expect(typed(harness)).toBe("k".repeat(60));
    expect(harness.channel.stats.framesResent).toBe(settled);
    expect(settled).toBeLessThan(5);
  });

  test("write says when to wait, and onDrain when to go on", () => {
    const harness = readySession();
    const piece = Buffer.alloc(256 * 1024, 97);
    const answers = Array.from({ length: 6 }, () => harness.channel.write(piece));
    expect(answers).toEqual([true, true, true, true, false, false]);
    expect(harness.told).not.toContain("drain");
    expect(harness.clock.runUntil(() => harness.told.includes("drain"), 60_000)).toBe(true);
    expect(harness.channel.stats.bytesQueued).toBeLessThanOrEqual(256 * 1024);
    expect(harness.channel.write(piece)).toBe(true);
    harness.clock.advance(60_000);
    expect(typed(harness)).toHaveLength(7 * piece.length);
    expect(harness.told.filter((what) => what === "drain")).toHaveLength(1);
  });
});

describe("the terminal's size", () => {
  test("is sent when it changes, the last of one turn only", () => {
    const harness = readySession({ options: { size: { cols: 80, rows: 24 } } });
    harness.channel.resize({ cols: 100, rows: 30 });
    harness.channel.resize({ cols: 101, rows: 31 });
    harness.clock.advance(1);
    harness.channel.resize({ cols: 101, rows: 31 });
    harness.clock.advance(1);
    expect(harness.agent.sizes).toEqual([
      { cols: 80, rows: 24 },
      { cols: 101, rows: 31 },
    ]);
  });

  test("is not sent before the agent takes input, and not at all if nobody knows it", () => {
    const harness = openSession();
    harness.channel.resize({ cols: 90, rows: 20 });
    harness.far.open();
    harness.clock.advance(1_000);
    expect(inputFramesOf(harness)).toEqual([]);
    harness.agent.output("$ ");
    harness.clock.advance(5);
    expect(harness.agent.sizes).toEqual([{ cols: 90, rows: 20 }]);
    const unknown = readySession();
    expect(unknown.agent.sizes).toEqual([]);
  });

  test.each([
    { cols: 0, rows: 24 },
    { cols: 80, rows: -1 },
    { cols: 80.5, rows: 24 },
    { cols: Number.NaN, rows: 24 },
    { cols: 65_536, rows: 24 },
  ])("%o is no size and is not sent", (size) => {
    const harness = readySession({ options: { size } });
    harness.channel.resize(size);
    harness.clock.advance(5);
    expect(harness.agent.sizes).toEqual([]);
  });

  test("goes before input that waits for the window", () => {
    const harness = readySession();
    harness.agent.acknowledges = false;
    harness.channel.write(Buffer.alloc(300 * 1024, 97));
    harness.clock.advance(2_000);
    harness.channel.resize({ cols: 90, rows: 20 });
    harness.agent.acknowledges = true;
    harness.clock.runUntil(() => harness.agent.sizes.length > 0, 600_000);
    const size = inputFramesOf(harness).find(({ payloadType }) => payloadType === 3);
    expect(size?.sequenceNumber).toBe(256);
  });
});
