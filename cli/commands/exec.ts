import type { Command } from "commander";
import type { RequestView } from "../../api/response-schemas.ts";
import { quoteWords } from "../../core/command-words.ts";
import { type AskOptions, askFor, parseTarget } from "../ask.ts";
import type { Context } from "../context.ts";
import { parseMinutes } from "../durations.ts";
import { usage } from "../failure.ts";
import { openRequestFor } from "../open-request.ts";
import { runSession, type WaitFlags, waitMsOf } from "../run-session.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

interface Options extends WaitFlags {
  task?: string;
  reason?: string;
  ticket?: string;
  for?: string;
}

/** Asks, waits, opens and connects: the whole road in one command. */
export function register(program: Command, start: Start): void {
  program
    .command("exec")
    .description("run a command in a container: ask, wait for approval, and connect")
    .argument("[words...]", "[CLUSTER/]SERVICE[:CONTAINER], then after -- the command (/bin/sh)")
    .option("--task <id>", "one task, in place of a service")
    .option("--reason <text>", "why: approvers read it")
    .option("--ticket <text>", "a ticket")
    .option("--for <duration>", "how long, such as 30m")
    .option("--wait <duration>", "how long to wait for decisions", "15m")
    .option("--no-wait", "do not wait")
    .action((words: string[], options: Options) =>
      start.withGateway(async (ctx) => {
        const waitMs = waitMsOf(options);
        // With --task there is no target before the command's words.
        const [text, command] =
          options.task === undefined ? [words[0], words.slice(1)] : [undefined, words];
        const request = await continuedOrAsked(ctx, {
          target: parseTarget(text, { task: options.task }),
          words: command,
          reason: options.reason,
          ticket: options.ticket,
          for: options.for,
        });
        return await runSession(ctx, request, waitMs);
      }),
    );
}

/** A second exec of the same thing is the first one, taken up again: nobody is asked twice. */
async function continuedOrAsked(ctx: Context, wish: AskOptions): Promise<RequestView> {
  const open = await openRequestFor(ctx.api, {
    target: wish.target,
    command: commandOf(wish.words),
    durationMinutes: wish.for === undefined ? undefined : parseMinutes(wish.for, "--for"),
  });
  if (open === undefined) return await askFor(ctx, wish);
  if (!ctx.output.json)
    ctx.output.info(
      shown`continuing your open request ${open.id}, asked ${open.askedAt} because: ${open.reason}`,
    );
  return open;
}

/** As asking sends it. */
function commandOf(words: readonly string[]): string {
  try {
    return words.length === 0 ? "/bin/sh" : quoteWords(words);
  } catch (error) {
    throw usage(`no command has these words: ${error instanceof Error ? error.message : ""}`);
  }
}
