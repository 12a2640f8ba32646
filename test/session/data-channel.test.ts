import { describe, expect, test } from "vitest";
import {
  type Harness,
  openSession,
  outputOf,
  readySession,
  STREAM_URL,
  TOKEN,
} from "./open-session.ts";
import { channelClosed, plainBytes } from "./plain-frame.ts";

describe("opening", () => {
  test("connects to the stream URL as it is and sends the opening frame first, once, as text", () => {
    const harness = openSession();
    expect(harness.far.url).toBe(STREAM_URL);
    expect(harness.far.sent).toEqual([]);
    harness.far.open();
    harness.far.open();
    harness.clock.advance(1_000);
    expect(harness.far.sent).toHaveLength(1);
    const open = JSON.parse(String(harness.far.sent[0]));
    expect(Object.keys(open)).toEqual([
      "MessageSchemaVersion",
      "RequestId",
      "TokenValue",
      "ClientId",
      "ClientVersion",
    ]);
    expect(open).toMatchObject({
      MessageSchemaVersion: "1.0",
      TokenValue: TOKEN,
      ClientVersion: "1.2.650.0",
    });
    expect(open.RequestId).not.toBe(open.ClientId);
  });

  test("a stream URL that leads elsewhere is refused without a connection", () => {
    let connected = 0;
    const harness = openSession({
      streamUrl: "wss://evil.example/?signature=hunter2",
      connect: () => {
        connected++;
        throw new Error("connected");
      },
    });
    expect(harness.told).toEqual([]);
    harness.clock.advance(0);
    expect(connected).toBe(0);
    expect(harness.far.sent).toEqual([]);
    expect(harness.ends).toMatchObject([{ kind: "failed", code: "stream_url_refused" }]);
    expect(JSON.stringify(harness.ends)).not.toContain("hunter2");
  });

  test("a loopback URL is refused unless it is allowed", () => {
    const streamUrl = "ws://127.0.0.1:7072/v1/data-channel/x";
    const refused = openSession({ streamUrl });
    refused.clock.advance(0);
    expect(refused.ends).toMatchObject([{ code: "stream_url_refused" }]);
    const allowed = openSession({ streamUrl, options: { allowLoopback: true } });
    allowed.far.open();
    expect(allowed.far.sent).toHaveLength(1);
  });

  test.each([
    [
      "a connection that throws",
      (harness: Harness) => harness.clock.advance(0),
      "ENOTFOUND",
      () => {
        throw new Error("ENOTFOUND");
      },
    ],
    [
      "an error",
      (harness: Harness) => harness.far.fail(new Error("ECONNREFUSED")),
      "ECONNREFUSED",
      undefined,
    ],
    ["a close", (harness: Harness) => harness.far.close(1006), "closed with code 1006", undefined],
  ])("%s before the socket is open is a failure to connect", (_, happen, text, connect) => {
    const harness = openSession(connect === undefined ? {} : { connect });
    happen(harness);
    expect(harness.ends).toMatchObject([{ kind: "failed", code: "connect_failed" }]);
    expect(JSON.stringify(harness.ends)).toContain(text);
    expect(harness.far.sent).toEqual([]);
  });

  test("a socket that does not open within 45 s is given up", () => {
    const harness = openSession();
    harness.clock.advance(44_999);
    expect(harness.ends).toEqual([]);
    harness.clock.advance(1);
    expect(harness.ends).toMatchObject([{ kind: "failed", code: "connect_timeout" }]);
    expect(harness.far.closedWith).toBe(1000);
    harness.far.open();
    expect(harness.far.sent).toEqual([]);
  });

  test("a socket that has opened has no time limit", () => {
    const harness = openSession();
    harness.clock.advance(44_000);
    harness.far.open();
    harness.clock.advance(600_000);
    expect(harness.ends).toEqual([]);
  });
});

describe("the end", () => {
  test.each([
    ["the service's layout", null],
    ["the agent's layout", 0],
  ])(
    "channel_closed without a text, in %s, ends the session and closes the socket with 1000",
    (_, payloadType) => {
      const harness = readySession();
      harness.far.send(channelClosed("", payloadType));
      harness.clock.advance(5);
      expect(harness.ends).toEqual([{ kind: "ended" }]);
      expect(harness.far.closedWith).toBe(1000);
    },
  );

  test("channel_closed with a text is a failure of its kind, even before anything else came", () => {
    const harness = openSession();
    harness.far.open();
    harness.far.send(
      channelClosed(
        '\n----------ERROR-------\nUnable to start command: Failed to start pty: exec: "\u001b]0;x\u0007": not found\n\n',
      ),
    );
    harness.clock.advance(5);
    expect(harness.ends).toMatchObject([
      {
        kind: "failed",
        code: "command_not_startable",
        text: 'Unable to start command: Failed to start pty: exec: "\\u{1b}]0;x\\u{7}": not found',
      },
    ]);
    expect(harness.told).toEqual(["end"]);
  });

  test("channel_closed that cannot be read is a failure, one with a wrong digest none", () => {
    const wrong = openSession();
    wrong.far.open();
    wrong.far.send(
      plainBytes({
        type: "channel_closed",
        payloadType: null,
        payload: { Output: "" },
        digest: Buffer.alloc(32),
      }),
    );
    wrong.clock.advance(5);
    expect(wrong.ends).toEqual([]);
    const unreadable = openSession();
    unreadable.far.open();
    unreadable.far.send(plainBytes({ type: "channel_closed", payloadType: null, payload: "{" }));
    unreadable.clock.advance(5);
    expect(unreadable.ends).toMatchObject([{ kind: "failed", code: "agent_reported" }]);
  });

  test("output that stayed behind a gap is said to be lost, and not told out of order", () => {
    const harness = readySession();
    const ahead = {
      type: "output_stream_data",
      payloadType: 1,
      sequenceNumber: 2,
      payload: "late",
    };
    harness.far.send(plainBytes(ahead));
    harness.far.send(channelClosed(""));
    harness.clock.advance(5);
    expect(outputOf(harness)).toBe("$ ");
    expect(harness.notices).toHaveLength(1);
    expect(harness.notices[0]).toContain("lost");
  });

  test("a socket that closes first is a lost connection whose session may run on", () => {
    const harness = readySession();
    harness.far.close(1001, "going away");
    expect(harness.ends).toMatchObject([{ kind: "connection_lost", begun: true, closeCode: 1001 }]);
    expect(JSON.stringify(harness.ends)).toContain("may still be running");
  });

  test("a socket that closes before anything came is one too, and the token is suspected", () => {
    const harness = openSession();
    harness.far.open();
    harness.far.close(1006);
    expect(harness.ends).toMatchObject([{ kind: "connection_lost", begun: false }]);
  });

  test("an error of the socket, or one thrown when sending, is a lost connection", () => {
    const failed = readySession();
    failed.far.fail(new Error("ECONNRESET"));
    failed.far.close(1006);
    expect(failed.ends).toMatchObject([{ kind: "connection_lost", closeCode: null }]);
    expect(JSON.stringify(failed.ends)).toContain("ECONNRESET");
    const shut = readySession();
    shut.far.closedWith = 1006;
    shut.channel.write(Buffer.from("x"));
    shut.clock.advance(5);
    expect(shut.ends).toMatchObject([{ kind: "connection_lost" }]);
    expect(JSON.stringify(shut.ends)).toContain("the socket is closed");
  });

  test("stop lets go at once, at any time", () => {
    for (const harness of [openSession(), readySession()]) {
      harness.channel.stop();
      expect(harness.ends).toEqual([{ kind: "stopped" }]);
      expect(harness.far.closedWith).toBe(1000);
    }
  });

  test.each([
    ["stopped", (harness: Harness) => harness.channel.stop()],
    ["ended", (harness: Harness) => harness.far.send(channelClosed(""))],
    ["lost", (harness: Harness) => harness.far.close(1006)],
  ])("after it has %s, nothing is sent, told or timed any more", (_, end) => {
    const harness = readySession();
    harness.agent.acknowledges = false;
    harness.channel.write(Buffer.from("unacknowledged"));
    harness.clock.advance(50);
    harness.channel.write(Buffer.from("queued"));
    end(harness);
    harness.clock.advance(1);
    expect(harness.ends).toHaveLength(1);
    const { length: sent } = harness.far.sent;
    const told = [...harness.told];
    harness.agent.output("too late");
    harness.far.send(channelClosed("again"));
    harness.far.close(1006);
    harness.far.fail(new Error("again"));
    harness.channel.stop();
    harness.channel.resize({ cols: 1, rows: 1 });
    expect(harness.channel.write(Buffer.from("x"))).toBe(false);
    harness.clock.advance(60_000);
    expect(harness.far.sent).toHaveLength(sent);
    expect(harness.told).toEqual(told);
    // What is left is the model agent's own scan.
    expect(harness.clock.pending).toBe(1);
  });

  test.each([
    ["onReady", []],
    ["onOutput", ["one"]],
    ["onNotice", []],
  ] as const)("stopping from within %s ends it there, though more has come", (handler, told) => {
    let harness: Harness | undefined;
    harness = openSession({ handlers: { [handler]: () => harness?.channel.stop() } });
    harness.far.open();
    const frames = [
      ...(handler === "onNotice" ? [[7, { CustomerMessage: "hello" }] as const] : []),
      [1, "one"] as const,
      [1, "two"] as const,
      [1, "three"] as const,
    ].map(([payloadType, payload], sequenceNumber) =>
      plainBytes({ type: "output_stream_data", sequenceNumber, payloadType, payload }),
    );
    // The first comes last: all others wait for it and would be delivered in the same turn.
    for (const bytes of frames.toReversed()) harness.far.send(bytes);
    harness.clock.advance(5);
    expect(harness.ends).toEqual([{ kind: "stopped" }]);
    expect(harness.told.at(-1)).toBe("end");
    expect(harness.output.map(({ bytes }) => bytes.toString())).toEqual(told);
  });

  test("a handshake request that waited behind the output at which we stopped is not spoken of", () => {
    let harness: Harness | undefined;
    harness = openSession({ handlers: { onOutput: () => harness?.channel.stop() } });
    harness.far.open();
    harness.channel.write(Buffer.from("early"));
    harness.clock.advance(2_000);
    const type = "output_stream_data";
    const shell = {
      RequestedClientActions: [
        { ActionType: "SessionType", ActionParameters: { SessionType: "InteractiveCommands" } },
      ],
    };
    harness.far.send(plainBytes({ type, sequenceNumber: 1, payloadType: 5, payload: shell }));
    harness.far.send(plainBytes({ type, sequenceNumber: 0, payloadType: 1, payload: "one" }));
    harness.clock.advance(10_000);
    expect(harness.told).toEqual(["ready", "output", "end"]);
  });

  test("a message of the day that meets its reader's stop is not told after the end", () => {
    let harness: Harness | undefined;
    harness = openSession({ handlers: { onReady: () => harness?.channel.stop() } });
    harness.far.open();
    harness.agent.completeHandshake("hello");
    harness.clock.advance(5);
    expect(harness.told).toEqual(["ready", "end"]);
  });
});

describe("the token", () => {
  test("is in the opening frame and nowhere else, even if the other side repeats it", () => {
    const seen: string[] = [];
    const remember = (harness: Harness): void => {
      seen.push(
        JSON.stringify([harness.ends, harness.notices, harness.channel.stats]),
        ...harness.far.sent.slice(1).map((data) => Buffer.from(data as Uint8Array).toString()),
      );
    };
    const closed = openSession();
    closed.far.open();
    closed.agent.requestHandshake();
    closed.clock.advance(5);
    closed.agent.completeHandshake(`welcome, ${TOKEN}`);
    closed.channel.write(Buffer.from("x"));
    closed.clock.advance(5);
    closed.far.send(channelClosed(`bad token ${TOKEN}`));
    closed.clock.advance(5);
    expect(closed.ends).toHaveLength(1);
    expect(closed.notices).toEqual(["welcome, [token]"]);
    remember(closed);
    const lost = readySession();
    lost.far.close(1008, `no such token: ${TOKEN}`);
    remember(lost);
    const failed = openSession();
    failed.far.fail(new Error(`cannot use ${TOKEN}`));
    remember(failed);
    const thrown = openSession({
      connect: () => {
        throw new Error(`cannot use ${TOKEN}`);
      },
    });
    thrown.clock.advance(0);
    remember(thrown);
    expect(seen.join("\n")).not.toContain(TOKEN);
    expect(seen.join("\n")).toContain("[token]");
    expect(String(closed.far.sent[0])).toContain(TOKEN);
  });
});
