import type { Command } from "commander";
import { parseDuration } from "./durations.ts";

/** The options of every command that may wait. */
export interface WaitFlags {
  /** A duration, or `false` for --no-wait. */
  wait: string | false;
}

export function withWaitFlags(command: Command): Command {
  return command
    .option("--wait <duration>", "how long to wait for decisions", "15m")
    .option("--no-wait", "do not wait");
}

/** Milliseconds; 0 is not to wait. Throws Failure with exit status 2. */
export function waitMsOf({ wait }: WaitFlags): number {
  return wait === false ? 0 : parseDuration(wait, "--wait");
}
