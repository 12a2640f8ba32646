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

/** Starts the gateway as a user does, on any ports, and resolves once it says where it answers. */
export async function startGatewayProcess(stateDir: string): Promise<GatewayProcess> {
  const child = spawn("npm", ["start", "--", "--port", "0", "--state", stateDir, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
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
  throw new Error(`the gateway did not start: ${printed}`);
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
