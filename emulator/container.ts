import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { splitCommand } from "./command-words.ts";
import { type PtyProcess, startOnPty } from "./pty.ts";

/*
 * A "container" here is a folder and an environment. The command is a real process on a real pty, and
 * it runs as the user who runs the emulator, with that user's files and network: nothing isolates it.
 */

export interface CommandStart {
  command: string;
  /** The container's own folder: HOME and working directory. Made where it does not exist. */
  home: string;
  /** The container's environment. */
  environment: { readonly [name: string]: string };
  onOutput(bytes: Uint8Array): void;
  onExit(): void;
}

export type StartedCommand =
  | { kind: "running"; process: PtyProcess }
  /** As the agent words it; it reaches the client as the reason of the channel's end. */
  | { kind: "failed"; text: string };

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Starts a command as the SSM agent in a Linux container does: split into words, executed directly,
 * found through PATH, no shell between. Nothing of our own environment reaches it: it gets PATH, HOME,
 * TERM, LANG and the container's variables (node-pty adds PWD).
 */
export function startCommand(start: CommandStart): StartedCommand {
  const split = splitCommand(start.command);
  if (split.kind !== "words") {
    const reason =
      split.kind === "open-quote"
        ? "EOF found when expecting closing quote"
        : "EOF found after escape character";
    return failed(`Failed to parse commands input: ${reason}\n`);
  }
  const [file, ...args] = split.words;
  // The real agent dies of a command of no words; a session that ends is the nearest thing to it.
  if (file === undefined) return failed("Failed to parse commands input: no command\n");

  mkdirSync(start.home, { recursive: true, mode: 0o700 });
  const env: { [name: string]: string } = {
    PATH,
    LANG: "C.UTF-8",
    ...start.environment,
    TERM: "xterm-256color",
    // Not to be set by a container: by it the reaper knows whose process it sees.
    HOME: start.home,
  };
  const problem = whyNotExecutable(file, env["PATH"] ?? "", start.home, split.words);
  if (problem !== undefined) return failed(`Failed to start pty: ${problem}\n`);
  const { onOutput, onExit } = start;
  return {
    kind: "running",
    process: startOnPty({ words: [file, ...args], cwd: start.home, env, onOutput, onExit }),
  };
}

/** Go's words for a file that cannot be executed; undefined where it can. */
function whyNotExecutable(
  file: string,
  path: string,
  cwd: string,
  words: readonly string[],
): string | undefined {
  if (words.some((word) => word.includes("\0"))) return `fork/exec ${file}: invalid argument`;
  if (file.includes("/")) {
    const full = file.startsWith("/") ? file : join(cwd, file);
    const kind = executable(full);
    if (kind === "yes") return undefined;
    return `fork/exec ${file}: ${kind === "missing" ? "no such file or directory" : "permission denied"}`;
  }
  const folders = path.split(":").filter((folder) => folder.startsWith("/"));
  if (file !== "" && folders.some((folder) => executable(join(folder, file)) === "yes")) {
    return undefined;
  }
  return `exec: ${JSON.stringify(file)}: executable file not found in $PATH`;
}

function executable(path: string): "yes" | "no" | "missing" {
  try {
    if (!statSync(path).isFile()) return "no";
  } catch {
    return "missing";
  }
  try {
    accessSync(path, constants.X_OK);
    return "yes";
  } catch {
    return "no";
  }
}

function failed(reason: string): StartedCommand {
  return { kind: "failed", text: `\n----------ERROR-------\nUnable to start command: ${reason}\n` };
}
