import { describe, expect, test } from "vitest";
import {
  framesOf,
  type Harness,
  inputFramesOf,
  openSession,
  outputOf,
  readySession,
  TOKEN,
  typed,
} from "./open-session.ts";
import { channelClosed, plainBytes, plainFrame, startPublication } from "./plain-frame.ts";

describe("a session without a handshake", () => {
  test("is ready at its first output: then the size goes, then what was typed before", () => {
    const harness = openSession({ options: { size: { cols: 80, rows: 24 } } });
    harness.channel.write(Buffer.from("ls\r"));
    harness.far.open();
    harness.channel.write(Buffer.from("id\r"));
    harness.far.send(startPublication());
    harness.clock.advance(1_000);
    expect(inputFramesOf(harness)).toEqual([]);
    harness.agent.output("$ ");
    harness.clock.advance(5);
    expect(harness.told).toEqual(["ready", "output"]);
    expect(outputOf(harness)).toBe("$ ");
    expect(
      inputFramesOf(harness).map(({ sequenceNumber, payloadType, payload, flags }) => [
        sequenceNumber,
        payloadType,
        payload.toString(),
        flags,
      ]),
    ).toEqual([
      [0, 3, '{"cols":80,"rows":24}', 0],
      [1, 1, "ls\rid\r", 0],
    ]);
    expect(typed(harness)).toBe("ls\rid\r");
  });

  test("a command that prints nothing takes input after a quiet time from the agent's arrival", () => {
    const harness = openSession({ options: { size: { cols: 80, rows: 24 }, quietMs: 1_000 } });
    harness.far.open();
    harness.channel.write(Buffer.from("hello"));
    harness.clock.advance(900);
    harness.far.send(startPublication());
    harness.clock.advance(900);
    expect(harness.told).toEqual([]);
    harness.clock.advance(110);
    expect(harness.told).toEqual(["ready"]);
    expect(typed(harness)).toBe("hello");
    expect(harness.agent.sizes).toHaveLength(1);
    // The output proves the guess; the size is told again, for the first may have come to nothing.
    harness.agent.output("hello");
    harness.clock.advance(10);
    expect(harness.told).toEqual(["ready", "output"]);
    expect(harness.agent.sizes).toEqual([
      { cols: 80, rows: 24 },
      { cols: 80, rows: 24 },
    ]);
  });

  test("the quiet time runs from the opening if nothing says that the agent is there, and repeating it puts nothing off", () => {
    const quiet = openSession();
    quiet.far.open();
    quiet.clock.advance(1_510);
    expect(quiet.told).toEqual(["ready"]);
    const repeated = openSession();
    repeated.far.open();
    for (let i = 0; i < 20; i++) {
      repeated.far.send(startPublication());
      repeated.clock.advance(100);
    }
    expect(repeated.told).toEqual(["ready"]);
    expect(repeated.channel.stats.agentAttached).toBe(true);
    expect(quiet.channel.stats.agentAttached).toBe(false);
  });

  test("standard error and exit code are told apart from standard output, and are not swallowed as a start", () => {
    const harness = openSession();
    harness.far.open();
    harness.agent.stream(11, "oops");
    harness.agent.stream(1, "out");
    harness.agent.stream(12, "EXIT_CODE: 3");
    harness.clock.advance(5);
    expect(harness.told[0]).toBe("ready");
    expect(harness.output.map(({ bytes, stream }) => [bytes.toString(), stream])).toEqual([
      ["oops", "stderr"],
      ["out", "stdout"],
      ["EXIT_CODE: 3", "exit_code"],
    ]);
  });

  test("bytes that are no text, a character split in two among them, are passed on as they are", () => {
    const harness = readySession();
    harness.agent.output(Buffer.from([0xff, 0x00, 0xe2, 0x82]));
    harness.agent.output(Buffer.from([0xac]));
    harness.clock.advance(5);
    expect(harness.output.slice(1).map(({ bytes }) => [...bytes])).toEqual([
      [0xff, 0x00, 0xe2, 0x82],
      [0xac],
    ]);
  });
});

describe("a session with a handshake", () => {
  function shaking(given: Parameters<typeof openSession>[0] = {}): Harness {
    const harness = openSession({ options: { size: { cols: 80, rows: 24 } }, ...given });
    harness.far.open();
    harness.channel.write(Buffer.from("ls\r"));
    harness.agent.requestHandshake();
    harness.clock.advance(10);
    return harness;
  }

  test("acknowledges the request, then answers it, and sends nothing else until it is complete", () => {
    const harness = shaking();
    harness.clock.advance(10_000);
    expect(harness.told).toEqual([]);
    expect(framesOf(harness).map(({ type, payloadType }) => `${type} ${payloadType}`)).toEqual([
      "acknowledge 0",
      "input_stream_data 6",
    ]);
    expect(harness.agent.handshakeResponses).toEqual([
      {
        ClientVersion: "1.2.650.0",
        ProcessedClientActions: [
          { ActionType: "SessionType", ActionStatus: 1, ActionResult: null, Error: "" },
        ],
        Errors: null,
      },
    ]);
    harness.agent.completeHandshake();
    harness.clock.advance(10);
    expect(harness.told).toEqual(["ready"]);
    expect(harness.agent.sizes).toEqual([{ cols: 80, rows: 24 }]);
    expect(typed(harness)).toBe("ls\r");
    expect(harness.agent.discarded).toBe(0);
  });

  test("tells the customer's message as one safe line", () => {
    const harness = shaking();
    harness.agent.completeHandshake("This session is\n\u001b[31mmonitored.");
    harness.clock.advance(10);
    expect(harness.notices).toEqual(["This session is \\u{1b}[31mmonitored."]);
  });

  test("a request that comes after the quiet time holds input again, and says what was lost", () => {
    const harness = openSession({ options: { size: { cols: 80, rows: 24 } } });
    harness.far.open();
    harness.agent.handshake = "pending";
    harness.channel.write(Buffer.from("early"));
    harness.clock.advance(1_600);
    expect(harness.agent.discarded).toBe(5);
    harness.agent.requestHandshake();
    harness.clock.advance(5);
    harness.channel.write(Buffer.from("late"));
    harness.clock.advance(2_000);
    expect(harness.notices).toHaveLength(1);
    expect(harness.notices[0]).toContain("5 bytes");
    expect(typed(harness)).toBe("");
    harness.agent.completeHandshake();
    harness.clock.advance(10);
    expect(typed(harness)).toBe("late");
    expect(harness.agent.sizes).toEqual([{ cols: 80, rows: 24 }]);
    expect(inputFramesOf(harness).map(({ sequenceNumber }) => sequenceNumber)).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(harness.told.filter((what) => what === "ready")).toHaveLength(1);
  });

  test("a second request is acknowledged and not answered, which would block the agent", () => {
    const harness = shaking();
    harness.agent.requestHandshake();
    harness.clock.advance(1_000);
    expect(harness.agent.handshakeResponses).toHaveLength(1);
    expect(harness.agent.drained).toBe(true);
  });

  describe("and a KMS key", () => {
    const actions = [
      {
        ActionType: "SessionType",
        ActionParameters: { SessionType: "InteractiveCommands", Properties: null },
      },
      { ActionType: "KMSEncryption", ActionParameters: { KMSKeyId: "alias/x", Challenge: "eA==" } },
    ];
    function encrypted(): Harness {
      const harness = openSession();
      harness.far.open();
      harness.channel.write(Buffer.from("secret"));
      harness.agent.requestHandshake(actions);
      harness.clock.advance(10);
      return harness;
    }

    test("is refused with status 2, and the session ends as kms_not_supported with the agent's word", () => {
      const harness = encrypted();
      expect(harness.agent.handshakeResponses[0]?.ProcessedClientActions[1]).toMatchObject({
        ActionType: "KMSEncryption",
        ActionStatus: 2,
      });
      expect(harness.ends).toEqual([]);
      harness.far.send(
        channelClosed(
          "\n----------ERROR-------\nEncountered error while initiating handshake. KMSEncryption failed on client with status 2",
        ),
      );
      harness.clock.advance(10);
      expect(harness.ends).toMatchObject([{ kind: "failed", code: "kms_not_supported" }]);
      expect(inputFramesOf(harness).map(({ payloadType }) => payloadType)).toEqual([6]);
    });

    test("ends so without the agent's word too, after 5 s or when the socket goes", () => {
      const silent = encrypted();
      silent.clock.advance(4_980);
      expect(silent.ends).toEqual([]);
      silent.clock.advance(20);
      expect(silent.ends).toMatchObject([{ code: "kms_not_supported" }]);
      expect(silent.far.closedWith).toBe(1000);
      const dropped = encrypted();
      dropped.far.close(1006);
      expect(dropped.ends).toMatchObject([{ code: "kms_not_supported" }]);
    });
  });

  test("an unknown action is answered with status 3 and ends the session as handshake_failed", () => {
    const harness = openSession();
    harness.far.open();
    harness.agent.requestHandshake([
      { ActionType: `Bogus ${TOKEN}\u001b[2J`, ActionParameters: {} },
    ]);
    harness.clock.advance(5_010);
    expect(harness.agent.handshakeResponses[0]?.ProcessedClientActions[0]?.ActionStatus).toBe(3);
    expect(harness.ends).toMatchObject([{ kind: "failed", code: "handshake_failed" }]);
    expect(JSON.stringify(harness.ends)).not.toContain(TOKEN);
    expect(JSON.stringify(harness.ends)).toContain("\\\\u{1b}");
  });
});

describe("acknowledgements", () => {
  test("each frame of the stream gets one, with its own id, type and number", () => {
    const harness = openSession();
    harness.far.open();
    const sent = ["a", "b"].map((payload, sequenceNumber) =>
      plainBytes({ type: "output_stream_data", payloadType: 1, sequenceNumber, payload }),
    );
    for (const bytes of sent) harness.far.send(bytes);
    harness.clock.advance(5);
    const acknowledgements = framesOf(harness);
    expect(acknowledgements.map(({ payload }) => JSON.parse(payload.toString()))).toEqual(
      sent.map((bytes, number) => ({
        AcknowledgedMessageType: "output_stream_data",
        AcknowledgedMessageId: plainFrame(bytes).messageId,
        AcknowledgedMessageSequenceNumber: number,
        IsSequentialMessage: true,
      })),
    );
    expect(
      acknowledgements.map(({ type, sequenceNumber, flags }) => [type, sequenceNumber, flags]),
    ).toEqual([
      ["acknowledge", 0, 3],
      ["acknowledge", 0, 3],
    ]);
    expect(new Set(acknowledgements.map(({ messageId }) => messageId)).size).toBe(2);
  });

  test("a repeated frame is acknowledged again and told once", () => {
    const harness = openSession();
    harness.far.open();
    const bytes = plainBytes({ type: "output_stream_data", payloadType: 1, payload: "once" });
    for (let i = 0; i < 3; i++) harness.far.send(bytes);
    harness.clock.advance(5);
    expect(outputOf(harness)).toBe("once");
    expect(framesOf(harness)).toHaveLength(3);
    expect(harness.channel.stats.framesRepeated).toBe(2);
  });

  test("frames with a wrong digest, without a date or beyond the bound are neither told nor acknowledged", () => {
    const harness = readySession();
    const before = harness.far.sent.length;
    const next = { type: "output_stream_data", payloadType: 1, sequenceNumber: 1, payload: "bad" };
    harness.far.send(plainBytes({ ...next, digest: Buffer.alloc(32, 1) }));
    harness.far.send(plainBytes({ ...next, createdDate: 0 }));
    harness.far.send(plainBytes({ ...next, sequenceNumber: 20_000 }));
    harness.far.send(Buffer.from("no frame"));
    harness.clock.advance(5);
    expect(harness.far.sent).toHaveLength(before);
    expect(outputOf(harness)).toBe("$ ");
    expect(harness.channel.stats).toMatchObject({ framesInvalid: 3, framesDropped: 1 });
    // The good one of the same number is taken.
    harness.far.send(plainBytes({ ...next, payload: "good" }));
    harness.clock.advance(5);
    expect(outputOf(harness)).toBe("$ good");
  });

  test("a type of payload without use is acknowledged, or the agent would stop there", () => {
    const harness = readySession();
    for (const payloadType of [2, 4, 8, 10, 99]) harness.agent.stream(payloadType, "?");
    harness.agent.output("after");
    harness.clock.advance(5);
    expect(harness.agent.drained).toBe(true);
    expect(outputOf(harness)).toBe("$ after");
    expect(harness.channel.stats.framesIgnored).toBe(5);
  });

  test("the service's other frames are not acknowledged and change nothing", () => {
    const harness = readySession();
    const before = harness.far.sent.length;
    harness.far.send(plainBytes({ type: "pause_publication", payloadType: null, payload: "" }));
    harness.far.send(plainBytes({ type: "agent_session_state", payload: "{}" }));
    harness.far.send("text");
    harness.far.send("x".repeat(500));
    harness.far.send(plainBytes({ type: "acknowledge", payload: "no JSON" }));
    harness.far.send(
      plainBytes({ type: "acknowledge", payload: { AcknowledgedMessageSequenceNumber: "0" } }),
    );
    harness.clock.advance(5);
    expect(harness.far.sent).toHaveLength(before);
    harness.channel.write(Buffer.from("still there"));
    harness.clock.advance(5);
    expect(typed(harness)).toBe("still there");
    expect(harness.ends).toEqual([]);
  });

  test("a start frame that is no whole frame still counts", () => {
    const harness = openSession();
    harness.far.open();
    harness.far.send(Buffer.concat([Buffer.alloc(4), Buffer.from("start_publication".padEnd(32))]));
    harness.clock.advance(1);
    expect(harness.channel.stats.agentAttached).toBe(true);
  });
});
