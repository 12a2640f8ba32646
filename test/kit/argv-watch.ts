import { readdirSync, readFileSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** Between two looks. */
const EACH_MS = 2;

/**
 * Looks at every process that is started on this machine until it is told to stop, and then says what was on their
 * argv. One that ends within a look's time may be missed.
 */
export interface ArgvWatch {
  stop(): Promise<string[]>;
}

/** On a thread of its own, so that it looks while this one is at work. Linux only. */
export async function watchArgv(): Promise<ArgvWatch> {
  const worker = new Worker(new URL(import.meta.url));
  await new Promise((ready) => worker.once("message", ready));
  return {
    async stop() {
      const seen = new Promise<string[]>((done) => worker.once("message", done));
      worker.postMessage("stop");
      return await seen;
    },
  };
}

function argvOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return ""; // it has ended
  }
}

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const seen = new Set<string>();
  const running = (): string[] => readdirSync("/proc").filter((name) => /^\d/.test(name));
  const before = new Set(running());
  const look = (): void => {
    for (const pid of running()) if (!before.has(pid)) seen.add(argvOf(pid));
  };
  const timer = setInterval(look, EACH_MS);
  port.once("message", () => {
    clearInterval(timer);
    port.postMessage([...seen]);
  });
  port.postMessage("ready");
}
