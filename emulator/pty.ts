import { spawn } from "@lydell/node-pty";
import { createPtyInput } from "./pty-input.ts";

/** A process whose controlling terminal is ours; it leads its own session and process group. */
export interface PtyProcess {
  readonly pid: number;
  /** Can more input be taken, or does the program not read what it was given? */
  ready(): boolean;
  write(bytes: Uint8Array): void;
  resize(cols: number, rows: number): void;
  /** Stops reading the terminal: a program that goes on writing waits. */
  pause(): void;
  resume(): void;
  /** SIGKILL to this one process; its terminal's other processes get SIGHUP from the kernel. */
  kill(): void;
}

export interface PtyStart {
  words: readonly [string, ...string[]];
  cwd: string;
  env: { [name: string]: string };
  onOutput(bytes: Uint8Array): void;
  /** Once, after the last output. */
  onExit(): void;
}

/**
 * What node-pty is with `encoding: null`: it hands out bytes, where its types know strings. `_socket` is
 * the terminal's stream, which closes `fd` with itself; nothing is written through it.
 */
interface RawPty {
  readonly pid: number;
  readonly fd: number;
  readonly _socket: { readonly destroyed: boolean };
  onData(listener: (bytes: Uint8Array) => void): void;
  onExit(listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  resize(cols: number, rows: number): void;
  pause(): void;
  resume(): void;
}

const MAX_UNREAD_INPUT_BYTES = 1_048_576;
const WATCH_PAUSED_MS = 50;

/**
 * Starts a process on a new pty. node-pty reports no failure to start: the caller has to know that the
 * file exists. The size is 80×24 until the first resize, where the agent's is 0×0.
 */
export function startOnPty({ words, cwd, env, onOutput, onExit }: PtyStart): PtyProcess {
  const [file, ...args] = words;
  const pty = spawn(file, args, { cwd, env, encoding: null }) as unknown as RawPty;
  const input = createPtyInput(pty.fd, () => pty._socket.destroyed);
  let exited = false;
  let watch: NodeJS.Timeout | undefined;

  // With a listener of its own here, node-pty does not throw an error of the terminal into the event
  // loop; the exit follows by itself.
  pty.on("error", () => undefined);
  pty.onData(onOutput);
  pty.onExit(() => {
    exited = true;
    input.end();
    clearInterval(watch);
    onExit();
  });

  const resume = (): void => {
    clearInterval(watch);
    pty.resume();
  };

  return {
    pid: pty.pid,
    ready: () => input.waiting < MAX_UNREAD_INPUT_BYTES,
    write: (bytes) => input.write(bytes),
    resize(cols, rows) {
      if (exited) return;
      try {
        pty.resize(cols, rows);
      } catch {
        // The terminal may close between the kernel and us: a size for nobody.
      }
    },
    pause() {
      if (exited) return;
      pty.pause();
      // node-pty closes the terminal 200 ms after the process has gone, read or not. A last output that
      // fits the kernel's buffer would be lost: so once the process has gone, read on, limit or none.
      clearInterval(watch);
      watch = setInterval(() => {
        if (!isAlive(pty.pid)) resume();
      }, WATCH_PAUSED_MS);
    },
    resume() {
      if (!exited) resume();
    },
    kill() {
      if (exited) return;
      try {
        process.kill(pty.pid, "SIGKILL");
      } catch {
        // It ended by itself a moment ago.
      }
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
