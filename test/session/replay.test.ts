import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { framesOf, type Harness, openSession, outputOf } from "./open-session.ts";
import { plainBytes, plainFrame } from "./plain-frame.ts";
import { recorded } from "./recorded-frames.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

/** What reached the client in a recorded session: from its agent, or from the service itself. */
const toClient = (trace: string) =>
  recorded.filter(
    ({ name, opcode, decoded }) =>
      name.startsWith(`trace/${trace}/`) &&
      opcode === "binary (0x2)" &&
      decoded["messageType"] !== "input_stream_data" &&
      decoded["messageType"] !== "agent_session_state" &&
      !acknowledgesOutput(decoded),
  );

function acknowledgesOutput(decoded: { [name: string]: unknown }): boolean {
  const payload = decoded["payload"] as { AcknowledgedMessageType?: string };
  return payload.AcknowledgedMessageType === "output_stream_data";
}

function replayed(trace: string): Harness {
  const harness = openSession();
  // The recording stands for the agent: its model keeps out of it.
  harness.far.onmessage = () => {};
  harness.far.open();
  for (const { bytes } of toClient(trace)) harness.far.send(bytes);
  harness.clock.advance(5);
  return harness;
}

const acknowledgedIds = (harness: Harness) =>
  framesOf(harness)
    .filter(({ type }) => type === "acknowledge")
    .map(({ payload }) => JSON.parse(payload.toString()).AcknowledgedMessageId);

describe("a recorded session played to the client", () => {
  test.each([
    ["interactive-no-handshake", "sh$ stty size\r\n24 80\r\nsh$ ", "ended"],
    ["reorder-duplicate-invalid", "ABC|good\r\n", "ended"],
    ["unknown-action", "after\r\n", "failed"],
    ["pause-publication", "paused? type> ", "ended"],
    ["noninteractive-separate-streams", "", "ended"],
    ["closed-before-start", "", "failed"],
    ["bad-session-type", "", "failed"],
  ])("%s begins with its output and ends as recorded", (trace, beginning, kind) => {
    const harness = replayed(trace);
    expect(outputOf(harness).startsWith(beginning)).toBe(true);
    expect(harness.ends.map((end) => end.kind)).toEqual([kind]);
  });

  test("every sound frame is acknowledged, the repeated one twice, as the plugin does not", () => {
    const harness = replayed("reorder-duplicate-invalid");
    const sound = toClient("reorder-duplicate-invalid").filter(
      ({ name, decoded }) =>
        decoded["messageType"] === "output_stream_data" && !/01[89]/.test(name),
    );
    expect(acknowledgedIds(harness)).toEqual(sound.map(({ decoded }) => decoded["messageId"]));
    const numbers = sound.map(({ decoded }) => decoded["sequenceNumber"]);
    expect(new Set(numbers).size).toBe(numbers.length - 1);
  });

  test("standard error and the exit code come out as what they are", () => {
    const harness = replayed("noninteractive-separate-streams");
    expect(outputOf(harness, "stderr")).not.toBe("");
    expect(outputOf(harness, "exit_code")).toMatch(/^EXIT_CODE: \d+$/);
  });
});

describe("whatever the other side sends", () => {
  const types = fc.constantFrom(
    ...Array.from({ length: 9 }, () => "output_stream_data"),
    "acknowledge",
    "channel_closed",
    "start_publication",
    "pause_publication",
    "input_stream_data",
    "x",
  );
  const hostile = fc.oneof(
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      ...[
        '{"AcknowledgedMessageSequenceNumber":1e999}',
        '{"AcknowledgedMessageSequenceNumber":-1}',
        '{"RequestedClientActions":[null,1,[],{"ActionType":{}}]}',
        '{"RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":null}]}',
        '{"CustomerMessage":[]}',
        '{"Output":{"toString":1}}',
        '{"__proto__":null}',
        "[".repeat(5_000),
      ].map((text) => Buffer.from(text)),
    ),
  );
  const message = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 200 }),
    fc.nat(recorded.length - 1).map((at) => recorded[at]?.bytes ?? Buffer.alloc(0)),
    // Without a sound first frame nothing is delivered, and by chance alone some seeds have none.
    fc.constant(
      plainBytes({
        type: "output_stream_data",
        payloadType: 1,
        sequenceNumber: 0,
        payload: "told",
      }),
    ),
    fc
      .record({
        type: types,
        sequenceNumber: fc.oneof(fc.nat(2), fc.nat(12), fc.nat(Number.MAX_SAFE_INTEGER)),
        payloadType: fc.option(fc.oneof(fc.nat(13), fc.constantFrom(1, 5, 7))),
        payload: hostile,
      })
      .map(plainBytes),
  );

  test(`nothing is thrown, and there is one end at most with nothing after it (seed ${seed})`, () => {
    let delivered = 0;
    fc.assert(
      fc.property(fc.array(message, { maxLength: 25 }), (messages) => {
        const harness = openSession();
        harness.far.onmessage = () => {};
        harness.far.open();
        harness.channel.write(Buffer.from("typed"));
        for (const data of messages) {
          harness.far.send(data);
          harness.clock.advance(70);
        }
        harness.clock.advance(6_000);
        harness.channel.stop();
        expect(harness.ends).toHaveLength(1);
        expect(harness.told.at(-1)).toBe("end");
        // Everything we sent meanwhile is as the agent would have it.
        for (const data of harness.far.sent.slice(1)) plainFrame(data);
        delivered += harness.output.length;
      }),
      { seed, numRuns: 200 },
    );
    expect(delivered).toBeGreaterThan(0);
  });
});
