import type { Command } from "commander";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import { askLine, isAttended } from "../prompt.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { lastPart, type Target } from "../target.ts";
import { type WaitFlags, waitMsOf, withWaitFlags } from "../wait-flags.ts";
import { type AskFlags, wishOf, withAskFlags } from "../wish.ts";

/** In an emergency: asks nobody, opens and connects. Says first what that means, and has the target typed again. */
export function breakGlass(command: Command, start: Start): void {
  withWaitFlags(withAskFlags(command)).action(
    (target: string | undefined, flags: AskFlags & WaitFlags) => {
      const wish = wishOf(target, flags, start.command());
      const waitMs = waitMsOf(flags);
      return start.withGateway(async (ctx) => {
        const { askFor } = await import("../ask.ts");
        const { cautionAboutShell } = await import("../shell-words.ts");
        const { runSession } = await import("../run-session.ts");
        await cautionAboutShell(ctx, wish.command);
        await confirmed(ctx, wish.target);
        const broken = await askFor(ctx, wish, "/v1/break-glass");
        if (!ctx.output.json && broken.review !== undefined) {
          ctx.output.info(shown`a review of it is owed by ${broken.review.dueAt}`);
        }
        return await runSession(ctx, broken, waitMs);
      });
    },
  );
}

/** Where there is a person to be asked. Throws Failure where they type anything else. */
async function confirmed({ io, output }: Context, target: Target): Promise<void> {
  if (!output.json) {
    output.info("this breaks the glass: nobody has agreed to it, and it counts against your limit");
    output.info(
      "on record, for good: that you did, when, where, the command and your reason; somebody else has to review it",
    );
  }
  if (output.json || !isAttended(io)) return;
  const name = lastPart(target.service ?? target.task ?? "");
  const typed = await askLine(io, shown`Type ${name} to go on:`);
  if (typed !== name) throw new Failure("that is not its name: nothing was done");
}
