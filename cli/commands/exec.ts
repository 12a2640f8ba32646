import type { Command } from "commander";
import type { RequestView } from "../../api/response-schemas.ts";
import { type AskFlags, type AskOptions, askFor, commandOf, wishOf, withAskFlags } from "../ask.ts";
import type { Context } from "../context.ts";
import { parseMinutes } from "../durations.ts";
import { openRequestFor } from "../open-request.ts";
import { runSession, type WaitFlags, waitMsOf } from "../run-session.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

/** Asks, waits, opens and connects: the whole road in one command. */
export function register(program: Command, start: Start): void {
  withAskFlags(
    program
      .command("exec")
      .description("run a command in a container: ask, wait for approval, and connect"),
  )
    .option("--wait <duration>", "how long to wait for decisions", "15m")
    .option("--no-wait", "do not wait")
    .action((target: string | undefined, flags: AskFlags & WaitFlags) => {
      const wish = wishOf(target, flags, start.command());
      const waitMs = waitMsOf(flags);
      return start.withGateway(async (ctx) =>
        runSession(ctx, await continuedOrAsked(ctx, wish), waitMs),
      );
    });
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
