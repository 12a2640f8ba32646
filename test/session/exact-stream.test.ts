import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Harness, openSession, outputOf, typed } from "./open-session.ts";
import { channelClosed, plainFrame } from "./plain-frame.ts";
import type { Link } from "./socket-pair.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** Numbers in [0, 1) that follow from a seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Weather {
  seed: number;
  /** Of a hundred messages. */
  lost: number;
  repeated: number;
  spoilt: number;
  /** The longest way, in milliseconds: messages overtake each other within it. */
  delay: number;
}

/** A link that loses, repeats, delays and reorders binary messages, acknowledgements among them. */
function stormy(weather: Weather, direction: number): Link {
  const random = chance(weather.seed + direction);
  const way = () => Math.floor(random() * weather.delay);
  return (data) => {
    if (typeof data === "string") return [0];
    if (random() * 100 < weather.lost) return [];
    return random() * 100 < weather.repeated ? [way(), way(), way()] : [way()];
  };
}

interface Step {
  kind: "agent" | "client" | "size" | "wait";
  amount: number;
}

interface Story {
  handshake: "none" | "first" | "late";
  steps: Step[];
}

const weather: fc.Arbitrary<Weather> = fc.record({
  seed: fc.nat(0x7fffffff),
  lost: fc.constantFrom(0, 5, 20, 45),
  repeated: fc.constantFrom(0, 10, 50),
  spoilt: fc.constantFrom(0, 10),
  delay: fc.constantFrom(1, 40, 300, 1_200),
});

const story: fc.Arbitrary<Story> = fc.record({
  handshake: fc.constantFrom("none", "first", "late"),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom("agent", "client", "size", "wait"),
      amount: fc.integer({ min: 1, max: 4_000 }),
    }),
    { maxLength: 15 },
  ),
});

/** Bytes that tell where they belong: a hash of the offset, so that no two pieces are alike. */
function piece(from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 32) {
    createHash("sha256")
      .update(String(from + at))
      .digest()
      .copy(bytes, at);
  }
  return bytes;
}

/** Now and then a frame arrives spoilt as well: one bit of its payload is turned. */
function spoil(harness: Harness, weather: Weather): void {
  const random = chance(weather.seed + 2);
  const { far } = harness;
  const send = far.send.bind(far);
  far.send = (data) => {
    send(data);
    if (typeof data === "string" || random() * 100 >= weather.spoilt) return;
    const spoilt = Buffer.from(data);
    const last = spoilt.length - 1;
    spoilt[last] = (spoilt[last] ?? 0) ^ 1;
    // It may overtake the good one: a client that did not check would take it in its place.
    send(spoilt);
  };
}

/** Plays a story to its end and says what each side should have, and has. */
function play(weather: Weather, { handshake, steps }: Story) {
  const harness = openSession({
    options: { size: { cols: 80, rows: 24 } },
    toFarEnd: stormy(weather, 0),
    toClient: stormy(weather, 1),
  });
  const { agent, channel, clock, far } = harness;
  spoil(harness, weather);
  const said: Buffer[] = [];
  const wanted: Buffer[] = [];
  let size = { cols: 80, rows: 24 };

  far.open();
  if (handshake === "late") {
    agent.handshake = "pending";
    clock.advance(1_600);
  }
  if (handshake !== "none") {
    agent.requestHandshake();
    clock.runUntil(() => agent.handshakeResponses.length > 0, 600_000);
    agent.completeHandshake("hello");
  }
  let spoken = 0;
  let written = 0;
  for (const { kind, amount } of steps) {
    if (kind === "agent") {
      for (let left = amount; left > 0; left -= 1_024) {
        const bytes = piece(spoken, Math.min(left, 1_024));
        spoken += bytes.length;
        said.push(bytes);
        agent.output(bytes);
      }
    } else if (kind === "client") {
      const bytes = piece(written, amount);
      written += amount;
      wanted.push(bytes);
      channel.write(bytes);
    } else if (kind === "size") {
      size = { cols: amount, rows: 24 };
      channel.resize(size);
    } else {
      clock.advance(Math.ceil(amount / 10));
    }
  }
  const output = Buffer.concat(said);
  const input = Buffer.concat(wanted);
  const arrived = clock.runUntil(
    () =>
      agent.drained &&
      Buffer.concat(agent.input).length >= input.length &&
      agent.sizes.at(-1)?.cols === size.cols &&
      channel.stats.framesInFlight === 0 &&
      channel.stats.bytesQueued === 0 &&
      harness.told.includes("ready"),
    3_600_000,
  );
  return { harness, arrived, output, input, size };
}

describe("over a link that loses, repeats, delays, reorders and spoils frames in both directions", () => {
  test(`each side gets exactly the other's bytes, in order (seed ${seed})`, () => {
    const seen = { resent: 0, repeated: 0, invalid: 0 };
    fc.assert(
      fc.property(weather, story, (weather, story) => {
        const { harness, arrived, output, input, size } = play(weather, story);
        const { agent, channel, clock } = harness;
        expect(arrived).toBe(true);
        expect(Buffer.from(outputOf(harness), "latin1").equals(output)).toBe(true);
        expect(Buffer.concat(agent.input).equals(input)).toBe(true);
        expect(agent.discarded).toBe(0);
        expect(agent.sizes.at(-1)).toEqual(size);
        expect(harness.ends).toEqual([]);
        seen.resent += channel.stats.framesResent;
        seen.repeated += channel.stats.framesRepeated;
        seen.invalid += channel.stats.framesInvalid;
        // Nothing is left that would make either side send for ever.
        clock.advance(10_000);
        const { length } = harness.far.sent;
        clock.advance(10_000);
        expect(harness.far.sent).toHaveLength(length);
        while (harness.ends.length === 0) {
          harness.far.send(channelClosed(""));
          clock.advance(2_000);
        }
        expect(harness.ends).toEqual([{ kind: "ended" }]);
      }),
      { seed, numRuns: 60 },
    );
    // The storm was one.
    expect(seen.resent).toBeGreaterThan(0);
    expect(seen.repeated).toBeGreaterThan(0);
    expect(seen.invalid).toBeGreaterThan(0);
  });

  test("an agent whose acknowledgements are all lost for a while gets nothing twice", () => {
    let deaf = true;
    const harness = openSession({
      toClient: (data) => {
        if (typeof data === "string") return [0];
        return deaf && plainFrame(data).type === "acknowledge" ? [] : [0];
      },
    });
    harness.far.open();
    harness.agent.output("$ ");
    harness.clock.advance(5);
    for (const key of "echo hi\r") {
      harness.channel.write(Buffer.from(key));
      harness.clock.advance(100);
    }
    harness.clock.advance(5_000);
    expect(typed(harness)).toBe("echo hi\r");
    expect(harness.channel.stats.framesInFlight).toBe(8);
    expect(harness.agent.arrivals.length).toBeGreaterThan(8);
    deaf = false;
    harness.clock.advance(10_000);
    expect(harness.channel.stats.framesInFlight).toBe(0);
    expect(typed(harness)).toBe("echo hi\r");
  });

  test("a client whose acknowledgements are all lost for a while is not left with an agent that resends for ever", () => {
    let deaf = true;
    const harness = openSession({
      toFarEnd: (data) => {
        if (typeof data === "string") return [0];
        return deaf && plainFrame(data).type === "acknowledge" ? [] : [0];
      },
    });
    harness.far.open();
    for (const text of ["one ", "two ", "three"]) harness.agent.output(text);
    harness.clock.advance(5_000);
    expect(outputOf(harness)).toBe("one two three");
    expect(harness.agent.drained).toBe(false);
    deaf = false;
    harness.clock.advance(5_000);
    expect(harness.agent.drained).toBe(true);
    expect(outputOf(harness)).toBe("one two three");
  });
});
