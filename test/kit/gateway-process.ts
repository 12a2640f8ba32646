import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Keys } from "./signed-fetch.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface GatewayProcess {
  api: string;
  /** Of the gateway itself, not of npm. */
  pid: number;
  child: ChildProcess;
  /** The line of JSON itself, read. */
  ready: { [member: string]: unknown };
  /** Everything it has printed so far. */
  printed(): string;
}

/**
 * Starts the gateway on any ports, and resolves once it says where it answers: as a user does, or by a program of
 * the tests' own that takes the same words.
 */
export async function startGatewayProcess(
  stateDir: string,
  program: readonly [string, ...string[]] = ["npm", "start", "--"],
): Promise<GatewayProcess> {
  const [file, ...words] = program;
  const child = spawn(file, [...words, "--port", "0", "--state", stateDir, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that all of it can be ended whatever became of a test.
    detached: true,
  });
  let printed = "";
  child.stderr?.on("data", (chunk) => (printed += String(chunk)));
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    printed += `${line}\n`;
    if (!line.startsWith("{")) continue;
    const ready = JSON.parse(line) as { api: string; pid: number };
    const { api, pid } = ready;
    return { api, pid, child, ready: { ...ready }, printed: () => printed };
  }
  killGroup(child);
  throw new Error(`the gateway did not start: ${printed}`);
}

/** Ends whatever is left of it, npm or the gateway. */
export function killGroup({ pid }: Pick<ChildProcess, "pid">): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}

/** A user's keys, from the file the gateway made. */
export function keysOf(stateDir: string, profile: string): Keys {
  const text = readFileSync(join(stateDir, "credentials"), "utf8");
  const section = text.split(`[${profile}]\n`)[1] ?? "";
  const value = (key: string): string => new RegExp(`${key} = (\\S+)`).exec(section)?.[1] ?? "";
  return {
    accessKeyId: value("aws_access_key_id"),
    secretAccessKey: value("aws_secret_access_key"),
  };
}
