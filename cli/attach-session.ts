import { randomBytes } from "node:crypto";
import type { OpenedSession } from "../api/session-schemas.ts";
import { openDataChannel } from "../session/data-channel.ts";
import type { ChannelDeps, DataChannel } from "../session/ports.ts";
import type { SessionEnd } from "../session/session-end.ts";
import { openDataSocket } from "./data-socket.ts";
import { escapeKeys } from "./escape-keys.ts";
import type { Io } from "./output.ts";
import { sendPipedInput } from "./piped-input.ts";
import { holdTerminal, terminalSize } from "./terminal.ts";

/** The agent compares it with versions of session-manager-plugin; from 1.1.17 on it speaks all it knows. */
const CLIENT_VERSION = "1.2.707.0";

/** More than a turn of the event loop needs to read what lies in the terminal's buffer. */
const TYPED_AHEAD_MS = 50;

export interface AttachOptions {
  io: Pick<Io, "stdin" | "stdout" | "stderr">;
  /** Told a line for the person: safe to show, and not to be escaped again. */
  onNotice(text: string): void;
  /** Whether the gateway's own API is on this machine: only then may the stream be, and in clear. */
  allowLoopback: boolean;
  /** Called when a signal is about to end this process, with the terminal given back. */
  onSignal(): void;
  /** What the channel takes from outside; Node's where absent. */
  deps?: ChannelDeps;
}

/**
 * Connects this terminal with an opened session until that ends. What the container writes comes out on
 * standard output byte for byte, and what is typed goes there, at the pace at which it is taken; `~.` at the
 * beginning of a line lets go. What was typed before is dropped. Where standard input is no terminal, it is sent
 * as it is, and its end as Ctrl-D. The terminal is given back before this resolves, whatever happens.
 */
export async function attachSession(
  opened: OpenedSession,
  options: AttachOptions,
): Promise<SessionEnd> {
  const { io } = options;
  const { stdin, stdout, stderr } = io;
  const deps = options.deps ?? nodeDeps;
  const raw = stdin.isTTY === true;
  const closers: (() => void)[] = [];
  let channel: DataChannel | undefined;

  const held = holdTerminal(io, () => {
    channel?.stop();
    options.onSignal();
  });
  try {
    if (raw) await dropTypedAhead(stdin, deps.setTimer);
    return await new Promise<SessionEnd>((resolve) => {
      let onDrain = (): void => {};
      const size = terminalSize(stdout);
      channel = openDataChannel(
        opened.session,
        {
          clientVersion: CLIENT_VERSION,
          allowLoopback: options.allowLoopback,
          ...(size === undefined ? {} : { size }),
        },
        deps,
        {
          onReady() {},
          onOutput(bytes, stream) {
            // ECS sends no exit status; one that came would be no text to show.
            if (stream === "stdout") stdout.write(bytes);
            else if (stream === "stderr") stderr.write(bytes);
          },
          onNotice(text) {
            // A raw terminal goes back to its first column only where it is told to.
            if (raw) stderr.write("\r\n");
            options.onNotice(text);
            if (raw) stderr.write("\r");
          },
          onDrain: () => onDrain(),
          onEnd: resolve,
        },
      );
      const input = raw
        ? typedInput(stdin, channel)
        : sendPipedInput(stdin, channel, deps.setTimer);
      onDrain = input.drained;
      closers.push(input.close);
      const resized = (): void => {
        const now = terminalSize(stdout);
        if (now !== undefined) channel?.resize(now);
      };
      stdout.on("resize", resized);
      closers.push(() => stdout.off("resize", resized));
    });
  } finally {
    for (const close of closers) close();
    held.restore();
  }
}

/**
 * What was typed while nobody knew whether a session would come was meant for somebody else, and must not
 * run as root the moment an approval is given. In raw mode all of it can be read, and is dropped.
 */
async function dropTypedAhead(
  stdin: NodeJS.ReadStream,
  setTimer: ChannelDeps["setTimer"],
): Promise<void> {
  const drop = (): void => {};
  stdin.on("data", drop);
  stdin.resume();
  await new Promise<void>((resolve) => setTimer(TYPED_AHEAD_MS, resolve));
  stdin.pause();
  stdin.off("data", drop);
}

function typedInput(
  stdin: NodeJS.ReadStream,
  channel: DataChannel,
): { drained(): void; close(): void } {
  const keys = escapeKeys();
  const typed = (bytes: Buffer): void => {
    const { send, letGo } = keys(bytes);
    if (send.length > 0 && !channel.write(send)) stdin.pause();
    if (letGo) channel.stop();
  };
  // A terminal that has gone away types no more.
  const gone = (): void => channel.stop();
  stdin.on("data", typed);
  stdin.on("end", gone);
  stdin.on("error", gone);
  // A question asked before has left it paused.
  stdin.resume();
  return {
    drained: () => stdin.resume(),
    close() {
      stdin.off("data", typed);
      stdin.off("end", gone);
      stdin.off("error", gone);
      // Read no further, or this process would wait for keys that nobody will press.
      stdin.pause();
    },
  };
}

const nodeDeps: ChannelDeps = {
  connect: openDataSocket,
  now: () => Date.now(),
  setTimer(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  randomBytes: (n) => randomBytes(n),
};
