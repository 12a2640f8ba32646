import type { Command } from "commander";
import { askFor, parseTarget } from "../ask.ts";
import { requestLines } from "../request-view.ts";
import type { Start } from "../start.ts";

interface Options {
  task?: string;
  reason?: string;
  ticket?: string;
  for?: string;
}

/** Asks and does not wait. */
export function register(program: Command, start: Start): void {
  program
    .command("request")
    .description("ask to run a command in a container, and do not wait")
    .argument("[words...]", "[CLUSTER/]SERVICE[:CONTAINER], then after -- the command (/bin/sh)")
    .option("--task <id>", "one task, in place of a service")
    .option("--reason <text>", "why: approvers read it")
    .option("--ticket <text>", "a ticket")
    .option("--for <duration>", "how long, such as 30m")
    .action((words: string[], options: Options) =>
      start.withGateway(async (ctx) => {
        // With --task there is no target before the command's words.
        const [text, command] =
          options.task === undefined ? [words[0], words.slice(1)] : [undefined, words];
        const request = await askFor(ctx, {
          target: parseTarget(text, { task: options.task }),
          words: command,
          reason: options.reason,
          ticket: options.ticket,
          for: options.for,
        });
        if (ctx.output.json) ctx.output.value(request);
        else for (const line of requestLines(request)) ctx.output.print(line);
        return undefined;
      }),
    );
}
