import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";
import { localProblem } from "./problem.ts";

/** What keeps the tables. Its address is for the functions alone: it asks nobody who they are. */
export interface Engine {
  endpoint: string;
  /** Ends it; resolves when it is gone. One that was found running is left running. */
  close(): Promise<void>;
}

const START_MS = 10_000;
const ATTEMPTS = 3;

/**
 * The engine under a shell that reads a pipe from us. The kernel closes the pipe with us, however we end,
 * and the engine is killed: its file is a write-ahead log, which loses nothing by it. The shell is in a
 * session of its own, so that Ctrl-C is for us and the engine outlives what we still have to write.
 */
const WATCHDOG =
  'umask 077; exec 3<&0; "$0" "$@" </dev/null 3<&- & c=$!; { cat <&3 >/dev/null; kill -9 "$c"; } & exec 3<&-; wait "$c"';

/**
 * Starts the engine on `file`, on a random port of a random loopback address: it checks no signature and
 * answers any Origin, so nobody is told where it is. With DYNAMODB_ENDPOINT in `environment` that one is
 * used. Throws, with a hint, where there is neither. `onLost` is told once if it ends before it is closed.
 */
export async function startEngine(
  file: string,
  environment: { [name: string]: string | undefined },
  onLost: () => void,
): Promise<Engine> {
  const given = environment["DYNAMODB_ENDPOINT"];
  if (given !== undefined && given !== "") {
    return { endpoint: checkedUrl(given), close: async () => undefined };
  }
  const binary = engineBinary();
  for (let attempt = 1; ; attempt++) {
    // 127.0.0.1 and its neighbours are where people look; ports below 20000 are other people's.
    const host = `127.${randomInt(1, 255)}.${randomInt(1, 255)}.${randomInt(2, 255)}`;
    const port = randomInt(20_000, 32_000);
    const child = spawn(
      "/bin/sh",
      ["-c", WATCHDOG, binary, "serve", "--host", host, "-p", String(port), "--db-path", file],
      {
        stdio: ["pipe", "ignore", "ignore"],
        detached: true,
        cwd: "/",
        env: { PATH: "/usr/bin:/bin" },
      },
    );
    const gone = ended(child);
    if (await answers(`http://${host}:${port}`, child))
      return owned(child, gone, `http://${host}:${port}`, onLost);
    killGroup(child);
    await gone;
    if (attempt === ATTEMPTS) {
      throw localProblem(
        "the DynamoDB engine does not start",
        "run `npm ci` again, or set DYNAMODB_ENDPOINT to a DynamoDB Local of your own",
      );
    }
  }
}

function owned(
  child: ChildProcess,
  gone: Promise<void>,
  endpoint: string,
  onLost: () => void,
): Engine {
  let closing = false;
  void gone.then(() => {
    if (closing) return;
    killGroup(child); // what is left of the group waits for our end only to kill what has gone
    onLost();
  });
  return {
    endpoint,
    async close() {
      closing = true;
      child.stdin?.end();
      await gone;
    },
  };
}

function engineBinary(): string {
  try {
    return createRequire(import.meta.url).resolve("@dynoxide/linux-x64/dynoxide");
  } catch (error) {
    throw localProblem(
      `there is no DynamoDB engine for ${process.platform}-${process.arch} here`,
      "on linux-x64 `npm ci` installs one; elsewhere run DynamoDB Local and set DYNAMODB_ENDPOINT=http://127.0.0.1:8000",
      error,
    );
  }
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw localProblem("DYNAMODB_ENDPOINT is not a URL", "for example http://127.0.0.1:8000");
  }
  return url.href;
}

/** Whether it came to answer while it lived. The address is too random for anybody else to be there. */
async function answers(endpoint: string, child: ChildProcess): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    try {
      await (await fetch(endpoint, { signal: AbortSignal.timeout(1_000) })).text();
      return true;
    } catch {
      await sleep(20);
    }
  }
  return false;
}

function ended(child: ChildProcess): Promise<void> {
  child.stdin?.on("error", () => undefined); // EPIPE: it has gone already
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}
