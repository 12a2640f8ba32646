import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { attachSession } from "../../cli/attach-session.ts";
import { createOutput } from "../../cli/output.ts";
import { ModelAgent } from "../session/model-agent.ts";
import { type FarEnd, socketPair } from "../session/socket-pair.ts";
import { VirtualClock } from "../session/virtual-clock.ts";

const TOKEN = "AAEAAf3wSecretTokenValue0123456789==";
const CLOUD = "wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/ecs-execute-command-1";
const LOOPBACK = "ws://127.0.0.1:7072/v1/data-channel/ecs-execute-command-1";

/** An attached session, with the model agent at the far end and time that passes when it is told to. */
function attached(given: { terminal?: boolean; streamUrl?: string; allowLoopback?: boolean } = {}) {
  const clock = new VirtualClock();
  const streamUrl = given.streamUrl ?? CLOUD;
  const pair = socketPair(streamUrl, clock.setTimer);
  const { far }: { far: FarEnd } = pair;
  const agent = new ModelAgent({
    now: clock.now,
    setTimer: clock.setTimer,
    send: (bytes) => far.send(bytes),
  });
  far.onmessage = (data) => agent.receive(data);
  const rawModes: boolean[] = [];
  const stdin = Object.assign(
    new PassThrough(),
    given.terminal === true
      ? { isTTY: true, setRawMode: (raw: boolean) => void rawModes.push(raw) }
      : {},
  );
  const [stdout, stderr] = [1, 2].map(() =>
    Object.assign(
      new PassThrough(),
      given.terminal === true ? { isTTY: true, columns: 120, rows: 40 } : {},
    ),
  ) as [PassThrough & { columns?: number }, PassThrough];
  const io = {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  };
  const connected: string[] = [];
  const done = attachSession(
    {
      clusterArn: "",
      containerArn: "",
      containerName: "app",
      interactive: true,
      taskArn: "",
      session: { sessionId: "ecs-execute-command-1", streamUrl, tokenValue: TOKEN },
      sallyport: {
        requestId: "",
        attempt: 1,
        target: "",
        region: "us-east-1",
        expiresAt: "",
        transcript: "none",
      },
    },
    {
      io,
      onNotice: (text) => createOutput(io, { json: false }).info(text),
      allowLoopback: given.allowLoopback ?? false,
      onSignal() {},
      deps: {
        connect(url) {
          connected.push(url);
          return pair.socket;
        },
        now: clock.now,
        setTimer: clock.setTimer,
        randomBytes: (n) => randomBytes(n),
      },
    },
  );
  /** Lets streams and time go on, a little of each at a time. */
  const pass = async (ms: number): Promise<void> => {
    for (let spent = 0; spent < ms; spent += 10) {
      clock.advance(10);
      await turn();
    }
  };
  return {
    agent,
    far,
    stdin,
    stdout,
    rawModes,
    connected,
    done,
    pass,
    typed: () => Buffer.concat(agent.input).toString("latin1"),
    shown: () => String((stdout.read() as Buffer | null)?.toString("latin1") ?? ""),
    said: () => String((stderr.read() as Buffer | null) ?? ""),
  };
}

async function ready(given: Parameters<typeof attached>[0] = {}) {
  const session = attached(given);
  await session.pass(60);
  session.far.open();
  session.agent.output("$ ");
  await session.pass(20);
  return session;
}

describe("a session at a terminal", () => {
  it("drops what was typed before, sends every key after it, and gives the terminal back at the end", async () => {
    const session = attached({ terminal: true });
    session.stdin.write("rm -rf /\r");
    await session.pass(60);
    session.far.open();
    session.agent.output("$ ");
    await session.pass(20);
    session.stdin.write("\u0003ls\r");
    await session.pass(50);
    expect(session.typed()).toBe("\u0003ls\r");
    expect(session.agent.sizes).toEqual([{ cols: 120, rows: 40 }]);
    expect(session.rawModes).toEqual([true]);
    session.far.close(1006);
    await session.done;
    expect(session.rawModes).toEqual([true, false]);
    expect(process.listenerCount("uncaughtExceptionMonitor")).toBe(0);
  });

  it("tells a new size", async () => {
    const session = await ready({ terminal: true });
    session.stdout.columns = 90;
    session.stdout.emit("resize");
    await session.pass(20);
    expect(session.agent.sizes.at(-1)).toEqual({ cols: 90, rows: 40 });
    session.far.close(1000);
    await session.done;
  });

  it("lets go with ~. at the beginning of a line", async () => {
    const session = await ready({ terminal: true });
    session.stdin.write("ls\r~.");
    await session.pass(20);
    expect(await session.done).toEqual({ kind: "stopped" });
    expect(session.typed()).not.toContain("~");
  });

  it("says a notice of the agent's in one line that no terminal acts on", async () => {
    const session = attached({ terminal: true });
    await session.pass(60);
    session.far.open();
    session.agent.requestHandshake();
    await session.pass(20);
    session.agent.completeHandshake("welcome\u001b]0;pwned\u0007\u202e");
    await session.pass(20);
    const said = session.said();
    expect(said).toContain("welcome\\u{1b}]0;pwned\\u{7}\\u{202e}");
    expect(said.replaceAll("\r", "").replaceAll("\n", "")).not.toMatch(/\p{C}/u);
    session.far.close(1000);
    await session.done;
  });
});

describe("a session in a pipe", () => {
  it("passes output on byte for byte, also what is no text", async () => {
    const session = await ready();
    const bytes = Buffer.from([0x1b, 0x5b, 0x33, 0x6d, 0xff, 0xc3, 0x28, 0x00, 0x07]);
    session.agent.output(bytes);
    await session.pass(20);
    expect(session.shown()).toBe(`$ ${bytes.toString("latin1")}`);
    session.far.close(1000);
    await session.done;
  });

  it.each([
    ["cat\n", "\u0004"],
    ["cat\nno end", "\u0004\u0004"],
    ["", "\u0004"],
  ])("sends %j and then its end", async (input, end) => {
    const session = await ready();
    session.stdin.end(input);
    await session.pass(200);
    expect(session.typed()).toBe(input + end);
    session.far.close(1000);
    await session.done;
  });

  it("sends no end before the agent has all that came before it", async () => {
    const session = await ready();
    session.agent.acknowledges = false;
    const before = Math.max(...session.agent.arrivals);
    session.stdin.end("cat\n");
    await session.pass(150);
    // One frame more, however often it came: the line, and no end.
    expect(Math.max(...session.agent.arrivals)).toBe(before + 1);
    session.agent.acknowledges = true;
    await session.pass(3_000);
    expect(session.typed()).toBe("cat\n\u0004");
    session.far.close(1000);
    await session.done;
  });

  it("reads no faster than the agent takes, and loses nothing", async () => {
    const session = await ready();
    session.agent.acknowledges = false;
    const piece = Buffer.alloc(64 * 1024, "0123456789abcde\n");
    let offered = 0;
    let blocked = false;
    for (; offered < 64 && !blocked; offered++) {
      blocked = !session.stdin.write(piece) && session.stdin.isPaused();
      await session.pass(10);
    }
    // A little over the channel's own bound of 1 MiB, and nowhere near all of it.
    expect(session.stdin.isPaused()).toBe(true);
    expect(offered).toBeLessThan(30);
    session.agent.acknowledges = true;
    session.stdin.end();
    for (let i = 0; i < 400 && !session.typed().endsWith("\u0004"); i++) await session.pass(100);
    expect(session.typed().length).toBe(offered * piece.length + 1);
    session.far.close(1000);
    await session.done;
  });
});

describe("where a session may lead", () => {
  it("sends no token to this machine unless the gateway is on it", async () => {
    const session = attached({ streamUrl: LOOPBACK });
    await session.pass(60);
    expect(await session.done).toMatchObject({ kind: "failed", code: "stream_url_refused" });
    expect(session.connected).toEqual([]);
    expect(session.far.sent).toEqual([]);
  });

  it("goes to this machine for a gateway on it", async () => {
    const session = await ready({ streamUrl: LOOPBACK, allowLoopback: true });
    expect(session.connected).toEqual([LOOPBACK]);
    session.far.close(1000);
    await session.done;
  });
});
