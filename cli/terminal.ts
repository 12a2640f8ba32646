import { spawnSync } from "node:child_process";
import type { TerminalSize } from "../session/ports.ts";
import type { Io } from "./output.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/**
 * Switches off what a program in the container may have left on: attributes, a hidden cursor, mouse
 * reports, bracketed paste, the application's keypad and cursor keys. Without effect where none is on.
 */
const CALM =
  "\u001b[0m\u001b[?25h\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[?1l\u001b>";

/** What session-manager-plugin says where the output is no terminal: wide, so that nothing is wrapped. */
const NO_TERMINAL: TerminalSize = { cols: 300, rows: 100 };

/** A terminal, or another stream in its place, for as long as a session has it. */
export interface HeldTerminal {
  /** Gives the terminal back as it was. May be called any number of times. */
  restore(): void;
}

/**
 * Where standard input is a terminal, puts it into raw mode: every key goes to the container, Ctrl-C
 * included, and its output comes out unchanged. However this process ends short of SIGKILL, the terminal is
 * given back first: on exit, on an exception nobody caught, and on SIGINT, SIGTERM, SIGHUP and SIGQUIT, of
 * which the process then dies as if there were no handler. `onSignal` is called before that, with the
 * terminal restored, so that a session can be let go and the person told.
 */
export function holdTerminal(
  io: Pick<Io, "stdin" | "stdout">,
  onSignal: () => void,
  own: NodeJS.Process = process,
): HeldTerminal {
  const { stdin, stdout } = io;
  const raw = stdin.isTTY === true;
  const handlers = SIGNALS.map((signal) => ({
    signal,
    handle() {
      restore();
      try {
        onSignal();
      } finally {
        own.kill(own.pid, signal);
      }
    },
  }));

  let held = true;
  function restore(): void {
    if (!held) return;
    held = false;
    own.off("exit", restore);
    own.off("uncaughtExceptionMonitor", restore);
    for (const { signal, handle } of handlers) own.off(signal, handle);
    if (!raw) return;
    try {
      stdin.setRawMode(false);
      if (stdout.isTTY === true) stdout.write(CALM);
    } catch {
      // The terminal is gone, which is why we end.
    }
  }

  // First the ways out, then the change: if we stop in between, there is nothing to restore.
  own.on("exit", restore);
  // A monitor sees the exception before it is printed, and leaves what becomes of it as it is.
  own.on("uncaughtExceptionMonitor", restore);
  for (const { signal, handle } of handlers) own.on(signal, handle);
  try {
    if (raw) {
      stdin.setRawMode(true);
      passOutputThrough();
    }
  } catch (error) {
    restore();
    throw error;
  }
  return { restore };
}

/**
 * libuv's raw mode leaves the terminal turning LF into CR LF, which the container's terminal has done
 * already; a full-screen program that moves the cursor by LF would be drawn askew. Leaving raw mode puts
 * back all attributes as they were, this one among them. Without `stty` it stays.
 */
function passOutputThrough(): void {
  spawnSync("stty", ["-opost"], { stdio: ["inherit", "ignore", "ignore"] });
}

/** The size to tell the container. Undefined for a terminal that does not know its own. */
export function terminalSize(stdout: NodeJS.WriteStream): TerminalSize | undefined {
  if (stdout.isTTY !== true) return NO_TERMINAL;
  const { columns, rows } = stdout;
  return columns > 0 && rows > 0 ? { cols: columns, rows } : undefined;
}
