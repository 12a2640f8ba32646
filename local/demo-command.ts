import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { within } from "./demo-step.ts";
import { startOnTerminal, type Terminal } from "./demo-terminal.ts";
import type { UserName } from "./identities.ts";

const launcher = fileURLToPath(new URL("../bin/sallyport", import.meta.url));

/** The command line of this checkout, as processes of its own, for everybody who has a part in the demo. */
export interface CommandLine {
  /** Runs it as a program would: no terminal, no input. Throws where it does not end in time. */
  run(who: UserName, words: readonly string[]): Promise<Ran>;
  /** Starts it as a person would, on a terminal. */
  onTerminal(who: UserName, words: readonly string[], onOutput: (text: string) => void): Terminal;
  /** Kills what still runs, and starts nothing any more. Resolves when all of it is gone. */
  end(): Promise<void>;
}

export interface Ran {
  /** Null where it was killed. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CommandLineOptions {
  stateDir: string;
  /** Where the commands run, and their HOME: nothing of the user's own is read. */
  folder: string;
  size: { columns: number; rows: number };
}

export function openCommandLine({ stateDir, folder, size }: CommandLineOptions): CommandLine {
  const running = new Map<number, Promise<unknown>>();
  let over = false;
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder,
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
  };
  const argv = (who: UserName, words: readonly string[]): string[] => {
    if (over) throw new Error("the demo is over");
    return ["--as", who, "--state", stateDir, ...words];
  };
  const track = (pid: number | undefined, ended: Promise<unknown>): void => {
    if (pid === undefined) return;
    running.set(pid, ended);
    void ended.then(() => running.delete(pid));
  };
  return {
    async run(who, words) {
      const child = spawn(launcher, argv(who, words), {
        cwd: folder,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true, // Ctrl-C is for the demo alone, which then ends this
      });
      const said = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => (said[name] += text));
      }
      const ended = new Promise<number | null>((resolve) => {
        child.once("error", (error) => {
          said.stderr += error.message;
          resolve(null);
        });
        child.once("close", resolve);
      });
      track(child.pid, ended);
      const status = await within(
        ended,
        () => `${named(who, words)} did not end; it said: ${said.stdout}${said.stderr}`,
      );
      return { status, ...said };
    },
    onTerminal(who, words, onOutput) {
      const terminal = startOnTerminal({
        words: [launcher, ...argv(who, words)],
        cwd: folder,
        env,
        size,
        name: named(who, words),
        onOutput,
      });
      track(terminal.pid, terminal.ended);
      return terminal;
    },
    async end() {
      over = true;
      for (const pid of running.keys()) kill(pid);
      await Promise.all(running.values());
    },
  };
}

function named(who: UserName, words: readonly string[]): string {
  return `${who}'s \`sallyport ${words.join(" ")}\``;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself a moment ago.
  }
}
