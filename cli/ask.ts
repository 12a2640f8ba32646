import type { Command } from "commander";
import { type RequestView, requestSchema } from "../api/response-schemas.ts";
import { quoteWords } from "../core/command-words.ts";
import type { Context } from "./context.ts";
import { parseMinutes } from "./durations.ts";
import { Failure, usage } from "./failure.ts";
import { askLine, isAttended } from "./prompt.ts";
import { shown } from "./shown.ts";
import { parseTarget, type Target } from "./target.ts";

export interface AskOptions {
  target: Target;
  /** Words as the container's process is to get them; none is `/bin/sh`. */
  words: readonly string[];
  /** Asked for on a terminal where it is missing. */
  reason?: string | undefined;
  ticket?: string | undefined;
  /** `30m`, `1h`: whole minutes. */
  for?: string | undefined;
}

/** The flags of every command that asks. */
export interface AskFlags {
  task?: string;
  cluster?: string;
  container?: string;
  reason?: string;
  ticket?: string;
  for?: string;
}

/** Adds the words and options that say what to ask for. */
export function withAskFlags(command: Command): Command {
  return command
    .usage("[CLUSTER/]SERVICE[:CONTAINER] | --task ID  [options]  [-- COMMAND ARGUMENT...]")
    .argument("[target]", "[CLUSTER/]SERVICE[:CONTAINER]; after -- the command, or else /bin/sh")
    .option("--task <id>", "one task, in place of a service")
    .option("--cluster <name>", "of the task or service")
    .option("--container <name>", "of the task or service, where there are several")
    .option("--reason <text>", "why: approvers read it")
    .option("--ticket <text>", "a ticket")
    .option("--for <duration>", "how long, such as 30m");
}

/** What those options ask for, and the words after `--`. */
export function wishOf(
  target: string | undefined,
  flags: AskFlags,
  command: readonly string[] | undefined,
): AskOptions {
  if (command?.length === 0) throw usage("no command follows the --", "left out, it is /bin/sh");
  const { task, cluster, container } = flags;
  return {
    target: parseTarget(target, { task, cluster, container }),
    words: command ?? [],
    reason: flags.reason,
    ticket: flags.ticket,
    for: flags.for,
  };
}

/**
 * Asks for a session and answers the request as it stands then. Words are quoted so that the agent's split
 * gives exactly them again. On a terminal a missing reason, and a container where there are several, are
 * asked for. Throws Failure: 2 where the words make no command, 120 where a rule or preflight refuses.
 */
export async function askFor(ctx: Context, options: AskOptions): Promise<RequestView> {
  const command = commandOf(options.words);
  const durationMinutes =
    options.for === undefined ? undefined : parseMinutes(options.for, "--for");
  const reason = options.reason ?? (await askedReason(ctx));
  const create = async (target: Target): Promise<RequestView> => {
    const asked = await ctx.api.call("POST", "/v1/requests", {
      schema: requestSchema,
      body: { target, command, reason, ticket: options.ticket, durationMinutes },
    });
    // Approvers are shown the card: what is on it must be what was asked for here.
    if (
      asked.card !== undefined &&
      (asked.card.kind !== "exec" || asked.card.command !== command)
    ) {
      throw new Failure("the gateway put another command on the card than was asked for", {
        hint: `do not go on with ${asked.id}; tell whoever operates the gateway`,
      });
    }
    return asked;
  };
  try {
    return await create(options.target);
  } catch (error) {
    const several = error instanceof Failure && error.problem?.code === "container_required";
    if (!several || !isAttended(ctx.io)) throw error;
    ctx.output.info(shown`${error.message}${error.hint === undefined ? "" : `: ${error.hint}`}`);
    const container = await askLine(ctx.io, "Container:");
    if (container === "") throw error;
    return await create({ ...options.target, container });
  }
}

/** The command whose split by the agent gives exactly these words. Throws Failure 2 where there is none. */
export function commandOf(words: readonly string[]): string {
  if (words.length === 0) return "/bin/sh";
  try {
    return quoteWords(words);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw usage(`no command has these words: ${why}`);
  }
}

async function askedReason({ io }: Pick<Context, "io">): Promise<string> {
  const reason = isAttended(io) ? await askLine(io, "Reason:") : "";
  if (reason === "") throw usage("no reason is given", "--reason TEXT: approvers read it");
  return reason;
}
