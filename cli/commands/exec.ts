import type { Command } from "commander";
import type { Start } from "../start.ts";
import { type WaitFlags, waitMsOf, withWaitFlags } from "../wait-flags.ts";
import { type AskFlags, wishOf, withAskFlags, withStartFlag } from "../wish.ts";

/** Asks, waits, opens and connects: the whole road in one command. */
export function exec(command: Command, start: Start): void {
  withWaitFlags(withStartFlag(withAskFlags(command))).action(
    (target: string | undefined, flags: AskFlags & WaitFlags) => {
      const wish = wishOf(target, flags, start.command());
      const waitMs = waitMsOf(flags);
      return start.withGateway(async (ctx) => {
        const { continueOrAsk } = await import("../ask.ts");
        const { cautionAboutShell } = await import("../shell-words.ts");
        const { runSession } = await import("../run-session.ts");
        await cautionAboutShell(ctx, wish.command);
        return await runSession(ctx, await continueOrAsk(ctx, wish), waitMs);
      });
    },
  );
}
