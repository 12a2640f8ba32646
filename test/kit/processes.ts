import { readdirSync, readFileSync } from "node:fs";
import { looked } from "./looks.ts";

/** Pids of the processes whose command line holds `text`, this one left out. Linux only. */
export function processesWith(text: string): number[] {
  looked("wire");
  return pidsWith(text);
}

/** The same where it is no look of a test: to see that what a test needs has come to be. */
export function pidsWith(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => commandLine(pid).includes(text));
}

/** Its words, a blank between; empty once it has ended. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/** Waits until `done`, at most so long. Answers whether it came to that. */
export async function until(done: () => boolean, ms: number): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (!done()) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
