import type { Command } from "commander";
import { quoteWords } from "../core/command-words.ts";
import { parseInstant, parseMinutes } from "./durations.ts";
import { usage } from "./failure.ts";
import { readable } from "./readable.ts";
import { parseTarget, type Target } from "./target.ts";

/** What a person wants to ask for, as they typed it. */
export interface Wish {
  target: Target;
  /** Its split by the agent gives exactly the words that were typed. */
  command: string;
  /** Undefined: the gateway's default, 30 minutes or what the rules allow if that is less. */
  durationMinutes: number | undefined;
  /** When it is to begin at the earliest; left out, with the last approval. */
  startAt?: string | undefined;
  /** Asked for on a terminal where it is missing. */
  reason: string | undefined;
  ticket: string | undefined;
}

/** The flags of every command that asks. */
export interface AskFlags {
  task?: string;
  cluster?: string;
  container?: string;
  reason?: string;
  ticket?: string;
  for?: string;
  startAt?: string;
}

/** Adds the words and options that say what to ask for, with another help text for `--reason` where one is given. */
export function withAskFlags(command: Command, reason = "why: approvers read it"): Command {
  return command
    .usage("[CLUSTER/]SERVICE[:CONTAINER] | --task ID  [options]  [-- COMMAND ARGUMENT...]")
    .argument("[target]", "[CLUSTER/]SERVICE[:CONTAINER]; after -- the command, or else /bin/sh")
    .option("--task <id>", "one task, in place of a service")
    .option("--cluster <name>", "of the task or service; left out, it is default")
    .option("--container <name>", "of the task or service, where there are several")
    .option("--reason <text>", reason)
    .option("--ticket <text>", "a ticket")
    .option("--for <duration>", "how long, such as 30m");
}

/** Of what begins with an approval, and need not begin with it at once. */
export function withStartFlag(command: Command): Command {
  return command.option("--start-at <instant>", "not before, such as 2026-11-24T22:00Z");
}

/** What those options ask for, with the words after `--`. Throws Failure with exit status 2. */
export function wishOf(
  target: string | undefined,
  flags: AskFlags,
  words: readonly string[] | undefined,
): Wish {
  if (words?.length === 0) throw usage("no command follows the --", "left out, it is /bin/sh");
  const { task, cluster, container } = flags;
  return {
    target: parseTarget(target, { task, cluster, container }),
    command: words === undefined ? "/bin/sh" : commandOf(words),
    durationMinutes: flags.for === undefined ? undefined : parseMinutes(flags.for, "--for"),
    startAt: flags.startAt === undefined ? undefined : parseInstant(flags.startAt, "--start-at"),
    reason: readable("--reason", flags.reason),
    ticket: readable("--ticket", flags.ticket),
  };
}

function commandOf(words: readonly string[]): string {
  try {
    return quoteWords(words);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(`no command has these words: ${why}`);
  }
}
