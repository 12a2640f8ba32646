import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Emulator } from "../../emulator/server.ts";
import { processesWith, until } from "../kit/processes.ts";
import { plainBytes } from "../session/plain-frame.ts";
import { execute, forkAccount, type Opened, startAccount } from "./emulator-account.ts";
import { endingOf, openingOf, type RawChannel, rawChannel } from "./raw-channel.ts";

/*
 * The message gateway as a client sees it that has only a WebSocket: frames are written here with Node's
 * own means, and read with the product's decoder, neither of which is the emulator's.
 */

let emulator: Emulator;
let clock: number | undefined;
const channels: RawChannel[] = [];
const others: Emulator[] = [];

beforeAll(async () => {
  emulator = await startAccount({ now: () => clock ?? Date.now() });
});

afterEach(async () => {
  clock = undefined;
  for (const channel of channels.splice(0)) channel.leave();
  for (const other of others.splice(0)) await other.close();
});

afterAll(() => emulator.close());

async function attach(opened: Opened, first?: string | Buffer): Promise<RawChannel> {
  const channel = await rawChannel(opened, first);
  channels.push(channel);
  return channel;
}

const run = async (command: string): Promise<RawChannel> =>
  attach(await execute(emulator, command));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A program whose terminal neither echoes nor edits: what it is given, it writes. */
const ECHO = `sh -c 'stty raw -echo; printf ready; exec cat'`;

async function echo(): Promise<RawChannel> {
  const channel = await run(ECHO);
  channel.acknowledgeAll();
  await channel.comes(() => channel.screen() === "ready");
  return channel;
}

describe("the token", () => {
  it.each<[string, (token: string, other: string) => string | Buffer]>([
    ["a wrong token", () => JSON.stringify(openingOf("x".repeat(128)))],
    ["an empty token", () => JSON.stringify(openingOf(""))],
    ["another session's token", (_, other) => JSON.stringify(openingOf(other))],
    ["no token", () => JSON.stringify({ ...openingOf(""), TokenValue: undefined })],
    ["a token that is a number", () => JSON.stringify({ ...openingOf(""), TokenValue: 1 })],
    ["another schema", (t) => JSON.stringify({ ...openingOf(t), MessageSchemaVersion: "2.0" })],
    ["no request id", (t) => JSON.stringify({ ...openingOf(t), RequestId: "short" })],
    ["the bare token", (t) => t],
    ["the opening as a binary message", (t) => Buffer.from(JSON.stringify(openingOf(t)))],
    ["a frame of the data channel", () => plainBytes({ type: "input_stream_data", payload: "x" })],
  ])("is needed: %s opens nothing, and uses up no token", async (_, first) => {
    const opened = await execute(emulator, ECHO);
    const other = await execute(emulator, ECHO);
    const thief = await attach(opened, first(opened.token, other.token));
    await thief.comes(() => thief.code !== undefined);
    expect(thief.code).toBe(1008);
    expect([thief.raw, thief.texts]).toEqual([[], []]);
    expect(emulator.calls.at(-1)).toMatchObject({
      operation: "OpenDataChannel",
      status: 403,
      sessionId: opened.sessionId,
    });
    const owner = await attach(opened);
    await owner.comes(() => owner.screen() === "ready");
    expect(emulator.calls.at(-1)).toMatchObject({ operation: "OpenDataChannel", status: 101 });
    const second = await attach(other);
    await second.comes(() => second.screen() === "ready");
  });

  it("opens its session once", async () => {
    const opened = await execute(emulator, ECHO);
    const first = await attach(opened);
    await first.comes(() => first.screen() === "ready");
    const again = await attach(opened);
    await again.comes(() => again.code !== undefined);
    expect(again.raw).toEqual([]);
    expect(first.code).toBeUndefined();
  });

  it.each(["/v1/data-channel/ecs-execute-command-unknown", "/v1/data-channel/", "/", "/v1/%00"])(
    "opens nothing at %s",
    async (path) => {
      const { token } = await execute(emulator, ECHO);
      const channel = await attach({
        sessionId: "",
        token,
        streamUrl: `${emulator.gatewayUrl}${path}`,
      });
      await channel.comes(() => channel.code !== undefined);
      expect([channel.code, channel.raw, channel.texts]).toEqual([1008, [], []]);
    },
  );
});

describe("who may connect", () => {
  it.each([
    ["a page of another origin", { origin: "http://evil.example" }],
    ["a name that was rebound to this machine", { host: "evil.example" }],
  ])("is not %s", async (_, headers) => {
    const { streamUrl } = await execute(emulator, ECHO);
    const socket = new WebSocket(streamUrl, { headers });
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toContain("403");
  });

  it("cannot keep the gateway from ending by leaving a connection open", async () => {
    const other = await startAccount();
    const { port } = new URL(other.gatewayUrl);
    const texts = [
      "",
      "GET / HTTP/1.1\r\n",
      `GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    ];
    const sockets = await Promise.all(
      texts.map(async (text) => {
        const socket = connect({ port: Number(port), host: "127.0.0.1", allowHalfOpen: true });
        socket.on("error", () => undefined).resume();
        await new Promise<void>((resolve) => socket.once("connect", resolve));
        socket.write(text);
        return socket;
      }),
    );
    await pause(100);
    const ended = await Promise.race([other.close().then(() => "closed"), pause(5_000)]);
    for (const socket of sockets) socket.destroy();
    expect(ended).toBe("closed");
  });
});

describe("the beginning", () => {
  it("is start_publication in the service's own header, then output at once, without a handshake", async () => {
    const channel = await run("echo hello");
    await channel.comes(() => channel.frames.length >= 2);
    const [bytes] = channel.raw;
    const [start, output] = channel.frames;
    expect(bytes?.readUInt32BE(0)).toBe(112);
    expect(bytes?.toString("latin1", 4, 36)).toBe("start_publication".padEnd(32, "\0"));
    expect(bytes?.readUInt32BE(112)).toBe("start_publication".length);
    expect(bytes?.toString("latin1", 116)).toBe("start_publication");
    expect(start?.payloadType).toBeNull();
    expect(output).toMatchObject({
      headerLength: 116,
      messageType: "output_stream_data",
      sequenceNumber: 0,
      payloadType: 1,
      flags: 1n,
    });
    expect(channel.raw[1]?.toString("latin1", 4, 36)).toBe("output_stream_data".padEnd(32, " "));
    expect(output?.createdDate).toBeGreaterThan(Date.now() - 10_000);
    expect(channel.texts).toEqual([]);
  });

  it("tells all that a command wrote before anybody came", async () => {
    const opened = await execute(emulator, "echo early");
    await pause(200);
    const channel = await attach(opened);
    channel.acknowledgeAll();
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(channel.screen()).toBe("early\r\n");
  });
});

describe("input", () => {
  it("reaches a real terminal, which has the size it is told", async () => {
    const channel = await run(`sh -c 'stty -echo; printf ready; while read x; do stty size; done'`);
    channel.acknowledgeAll();
    await channel.comes(() => channel.screen() === "ready");
    channel.input(0, "\n");
    await channel.comes(() => channel.screen() === "ready24 80\r\n");
    channel.input(1, { cols: 133, rows: 42 }, { payloadType: 3 });
    channel.input(2, "\n");
    await channel.comes(() => channel.screen() === "ready24 80\r\n42 133\r\n");
    // What is no size changes nothing, and is acknowledged like the rest.
    channel.input(3, { cols: 0, rows: 10 }, { payloadType: 3 });
    channel.input(4, { cols: "9", rows: 9 }, { payloadType: 3 });
    channel.input(5, "{", { payloadType: 3 });
    channel.input(6, "\n");
    await channel.comes(() => channel.screen().endsWith("42 133\r\n42 133\r\n"));
    expect(channel.acknowledged()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("interrupts a program by the terminal's own means", async () => {
    const channel = await run(`sh -c 'trap "echo caught" INT; printf ready; read x; read y'`);
    channel.acknowledgeAll();
    await channel.comes(() => channel.screen() === "ready");
    channel.input(0, "\x03");
    await channel.comes(() => channel.screen().includes("caught"));
    expect(channel.acknowledged()).toEqual([0]);
  });

  it("is acknowledged by number, type and id", async () => {
    const channel = await echo();
    const messageId = "0b54a5cf-5a9e-4c5e-8a04-7d9d3c1d6a11";
    channel.input(0, "a", { messageId });
    await channel.comes(() => channel.acknowledged().length === 1);
    const frame = channel.frames.find(({ messageType }) => messageType === "acknowledge");
    expect(JSON.parse(Buffer.from(frame?.payload ?? []).toString("utf8"))).toEqual({
      AcknowledgedMessageType: "input_stream_data",
      AcknowledgedMessageId: messageId,
      AcknowledgedMessageSequenceNumber: 0,
      IsSequentialMessage: true,
    });
    expect(frame).toMatchObject({ sequenceNumber: 0, flags: 3n, payloadType: 0 });
  });

  it("that comes again is acknowledged again and typed once", async () => {
    const channel = await echo();
    channel.input(0, "a");
    channel.input(0, "a");
    channel.input(1, "b");
    channel.input(0, "a");
    channel.input(2, "c");
    await channel.comes(() => channel.screen() === "readyabc");
    expect(channel.acknowledged()).toEqual([0, 0, 1, 0, 2]);
  });

  it("that comes out of order is typed in order, and acknowledged as it comes", async () => {
    const channel = await echo();
    channel.input(2, "c");
    channel.input(1, "b");
    await channel.comes(() => channel.acknowledged().length === 2);
    await pause(100);
    expect(channel.screen()).toBe("ready");
    channel.input(0, "a");
    await channel.comes(() => channel.screen() === "readyabc");
    expect(channel.acknowledged()).toEqual([2, 1, 0]);
  });

  const spoiled: [string, (bytes: Buffer) => void][] = [
    ["digest is wrong", (bytes) => bytes.writeUInt8(bytes.readUInt8(80) ^ 1, 80)],
    ["payload was changed", (bytes) => bytes.write("X", 120)],
    ["date is missing", (bytes) => bytes.writeBigUInt64BE(0n, 40)],
    ["length is wrong", (bytes) => bytes.writeUInt32BE(9, 116)],
  ];
  it.each(spoiled)("whose %s is neither typed nor acknowledged", async (_, spoil) => {
    const channel = await echo();
    const given = { type: "input_stream_data", payloadType: 1, sequenceNumber: 0, payload: "bad" };
    const bytes = plainBytes(given);
    spoil(bytes);
    channel.send(bytes);
    channel.send(Buffer.from("no frame at all"));
    channel.input(0, "good");
    await channel.comes(() => channel.screen() === "readygood");
    expect(channel.acknowledged()).toEqual([0]);
    expect(channel.code).toBeUndefined();
  });

  it("of a kind that a terminal has no use for is acknowledged and not typed", async () => {
    const channel = await echo();
    [2, 4, 5, 6, 8, 9, 10, 11, 12, 99].forEach((payloadType, number) =>
      channel.input(number, "no", { payloadType }),
    );
    channel.input(10, "yes");
    await channel.comes(() => channel.screen() === "readyyes");
    expect(channel.acknowledged()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("that the program does not read is at some point acknowledged no more, holds up nobody, and loses nothing", async () => {
    const count = 40;
    const size = 65_536;
    // In a process of its own: were it held up, so would be what tells that it is.
    const other = await forkAccount();
    try {
      const wait = "until [ -e go ]; do sleep 0.1; done";
      const channel = await attach(
        await execute(
          other,
          `sh -c 'stty raw -echo; printf ready; ${wait}; head -c ${count * size} | wc -c'`,
        ),
      );
      channel.acknowledgeAll();
      await channel.comes(() => channel.screen() === "ready");
      for (let i = 0; i < count; i++) channel.input(i, Buffer.alloc(size, "a"));
      // What comes early is held and acknowledged; the one that cannot be taken is not.
      await channel.comes(() => channel.acknowledged().length === count - 1);
      await pause(300);
      const [first = 0, ...others] = [...Array(count).keys()].filter(
        (i) => !channel.acknowledged().includes(i),
      );
      expect(others).toEqual([]);
      expect(first).toBeGreaterThan(10);
      await attach(await execute(other, "touch go"));
      const again = setInterval(() => channel.input(first, Buffer.alloc(size, "a")), 100);
      await channel
        .comes(() => channel.screen().startsWith(`ready${count * size}`), 10_000)
        .finally(() => clearInterval(again));
      expect(channel.acknowledged()).toContain(first);
    } finally {
      await other.kill();
    }
  });
});

describe("output", () => {
  it("that is not acknowledged comes again, the same to the byte, until it is", async () => {
    const channel = await run(`sh -c 'printf once; sleep 30'`);
    const copies = (): Buffer[] =>
      channel.raw.filter((_, i) => channel.frames[i]?.messageType === "output_stream_data");
    await channel.comes(() => copies().length >= 3);
    expect(new Set(copies().map((bytes) => bytes.toString("hex"))).size).toBe(1);
    channel.acknowledge(0);
    await pause(100);
    const sent = copies().length;
    await pause(700);
    expect(copies().length).toBe(sent);
  });

  it("comes again from the oldest, not from one that was acknowledged out of turn", async () => {
    const channel = await run(`sh -c 'printf a; sleep 0.3; printf b; sleep 30'`);
    await channel.comes(() => channel.frames.some(({ sequenceNumber }) => sequenceNumber === 1));
    channel.acknowledge(1);
    await pause(50);
    const before = channel.frames.length;
    await channel.comes(() => channel.frames.length > before + 1);
    const later = channel.frames.slice(before).map(({ sequenceNumber }) => sequenceNumber);
    expect(new Set(later)).toEqual(new Set([0]));
  });

  it("waits for a client that does not acknowledge, and goes on where it does", async () => {
    const channel = await run("yes 0123456789");
    const highest = (): number => Math.max(...channel.frames.map((f) => f.sequenceNumber));
    await channel.comes(() => highest() === 255);
    await pause(400);
    expect(highest()).toBe(255);
    for (let number = 0; number < 100; number++) channel.acknowledge(number);
    await channel.comes(() => highest() === 355);
    await pause(200);
    expect(highest()).toBe(355);
  });

  it("arrives whole, in frames of at most 1,024 bytes that cut no character", async () => {
    const channel = await run(
      `sh -c 'stty -opost; i=0; while [ $i -lt 9000 ]; do printf "€$i "; i=$((i+1)); done'`,
    );
    channel.acknowledgeAll();
    await channel.comes(() => endingOf(channel) !== undefined, 20_000);
    const expected = [...Array(9_000).keys()].map((i) => `€${i} `).join("");
    expect(channel.screen() === expected).toBe(true);
    const strict = new TextDecoder("utf-8", { fatal: true });
    for (const { payload, messageType } of channel.frames) {
      if (messageType !== "output_stream_data") continue;
      expect(payload.length).toBeLessThanOrEqual(1_024);
      strict.decode(payload);
    }
  });

  it("stays the command's own where its client leaves", async () => {
    const mark = `7${Date.now()}`;
    const channel = await run(`sh -c 'printf here; sleep ${mark}'`);
    await channel.comes(() => channel.screen() === "here");
    channel.leave();
    await pause(300);
    expect(processesWith(mark).length).toBeGreaterThan(0);
    for (const pid of processesWith(mark)) process.kill(pid, "SIGKILL");
  });
});

describe("the end", () => {
  it("is told after the last output, and leaves no second client anything to open", async () => {
    const opened = await execute(emulator, "echo bye");
    const channel = await attach(opened);
    channel.acknowledgeAll();
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(channel.screen()).toBe("bye\r\n");
    const last = channel.frames.at(-1);
    expect(last).toMatchObject({ messageType: "channel_closed", headerLength: 112 });
    expect(endingOf(channel)).toMatchObject({
      MessageType: "channel_closed",
      SessionId: opened.sessionId,
      DestinationId: expect.stringMatching(/^ecs:demo_[0-9a-f]{32}_[0-9a-f]{32}-\d{10}$/),
      SchemaVersion: 1,
      Output: "",
    });
    expect(endingOf(channel)?.["MessageId"]).toBe(last?.messageId);
  });

  it("waits 2 s for output that nobody acknowledges, and no longer", async () => {
    const channel = await run("echo bye");
    await channel.comes(() => channel.screen() === "bye\r\n");
    const from = Date.now();
    await pause(1_000);
    expect(endingOf(channel)).toBeUndefined();
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(Date.now() - from).toBeLessThan(4_500);
  });

  it("cuts off a client that does not leave by itself", async () => {
    const channel = await run("true");
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(channel.code).toBeUndefined();
    await channel.comes(() => channel.code !== undefined);
    expect(channel.code).toBe(1006);
  });

  it.each<[string, string]>([
    ["/no/such", "Failed to start pty: fork/exec /no/such: no such file or directory"],
    ["/etc/passwd", "Failed to start pty: fork/exec /etc/passwd: permission denied"],
    ["nosuch -l", 'Failed to start pty: exec: "nosuch": executable file not found in $PATH'],
    ["echo 'a", "Failed to parse commands input: EOF found when expecting closing quote"],
    ["echo a\\", "Failed to parse commands input: EOF found after escape character"],
    ["# nothing", "Failed to parse commands input: no command"],
  ])("of the command %j has the agent's reason", async (command, reason) => {
    const channel = await run(command);
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(endingOf(channel)?.["Output"]).toBe(
      `\n----------ERROR-------\nUnable to start command: ${reason}\n\n`,
    );
    expect(channel.screen()).toBe("");
  });
});

describe("a handshake, where the emulator is told to ask for one", () => {
  const agreed = {
    ClientVersion: "1.2.0.0",
    ProcessedClientActions: [{ ActionType: "SessionType", ActionStatus: 1, ActionResult: null }],
    Errors: null,
  };

  async function asked(command: string): Promise<RawChannel> {
    const other = await startAccount({ handshake: true, now: () => clock ?? Date.now() });
    others.push(other);
    const channel = await attach(await execute(other, command));
    await channel.comes(() => channel.frames.some(({ payloadType }) => payloadType === 5));
    return channel;
  }

  it("comes before any output; what is typed before it is over is lost", async () => {
    const channel = await asked(ECHO);
    channel.acknowledgeAll();
    channel.input(0, "lost");
    await channel.comes(() => channel.acknowledged().length === 1);
    await pause(200);
    expect(channel.screen()).toBe("");
    channel.input(1, agreed, { payloadType: 6 });
    await channel.comes(() => channel.screen() === "ready");
    channel.input(2, "kept");
    await channel.comes(() => channel.screen() === "readykept");
    const streamed = channel.frames.filter((f) => f.messageType === "output_stream_data");
    expect(streamed.slice(0, 3).map(({ payloadType }) => payloadType)).toEqual([5, 7, 1]);
    expect(streamed[0]).toMatchObject({ sequenceNumber: 0, flags: 1n });
  });

  it("that is refused ends the session at once with the reason, its output and its command", async () => {
    const mark = `71${Date.now()}`;
    const channel = await asked(`sh -c 'echo secret; sleep ${mark}'`);
    channel.acknowledgeAll();
    expect(await until(() => processesWith(`sleep ${mark}`).length > 1, 5_000)).toBe(true);
    const refused = { ProcessedClientActions: [{ ActionType: "SessionType", ActionStatus: 3 }] };
    channel.input(0, refused, { payloadType: 6 });
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(endingOf(channel)?.["Output"]).toBe(
      "\n----------ERROR-------\nEncountered error while initiating handshake. SessionType failed on client with status 3\n\n",
    );
    expect(channel.screen()).toBe("");
    expect(await until(() => processesWith(mark).length === 0, 3_000)).toBe(true);
  });

  it("that nobody answers ends the session after 15 s", async () => {
    const channel = await asked(`sh -c 'echo secret; sleep 30'`);
    channel.acknowledgeAll();
    clock = Date.now() + 14_000;
    await pause(300);
    expect(endingOf(channel)).toBeUndefined();
    clock = Date.now() + 16_000;
    await channel.comes(() => endingOf(channel) !== undefined);
    expect(endingOf(channel)?.["Output"]).toContain("Handshake timed out.");
    expect(channel.screen()).toBe("");
  });
});
