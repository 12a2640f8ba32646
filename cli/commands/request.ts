import type { Command } from "commander";
import { type AskFlags, askFor, wishOf, withAskFlags } from "../ask.ts";
import { requestLines } from "../request-view.ts";
import type { Start } from "../start.ts";

/** Asks and does not wait. */
export function register(program: Command, start: Start): void {
  withAskFlags(
    program.command("request").description("ask to run a command in a container, and do not wait"),
  ).action((target: string | undefined, flags: AskFlags) => {
    const wish = wishOf(target, flags, start.command());
    return start.withGateway(async (ctx) => {
      const request = await askFor(ctx, wish);
      if (ctx.output.json) ctx.output.value(request);
      else for (const line of requestLines(request)) ctx.output.print(line);
      return undefined;
    });
  });
}
