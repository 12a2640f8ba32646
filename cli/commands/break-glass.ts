import type { Command } from "commander";
import type { RequestView } from "../../api/response-schemas.ts";
import { LEAST_REASON_CHARACTERS } from "../../core/kinds/broke.ts";
import type { Context } from "../context.ts";
import { Failure, usage } from "../failure.ts";
import { askLine, isAttended } from "../prompt.ts";
import { readable } from "../readable.ts";
import { type Shown, shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { lastPart, type Target } from "../target.ts";
import { type AskFlags, type Wish, wishOf, withAskFlags } from "../wish.ts";

const REASON = `why, in at least ${LEAST_REASON_CHARACTERS} characters: whoever reviews it reads it`;

/** In an emergency: asks nobody, opens and connects. Says first what that means, and has the target typed again. */
export function breakGlass(command: Command, start: Start): void {
  withAskFlags(command, REASON)
    .addHelpText(
      "after",
      `
Whether you may, by the rules of a folder, before there is an emergency:
  sallyport policy explain DIR --who ME --on TARGET --break-glass`,
    )
    .action((target: string | undefined, flags: AskFlags) => {
      const wish = wishOf(target, flags, start.command());
      requireReason(wish.reason);
      return start.withGateway(async (ctx) => {
        const { askFor } = await import("../ask.ts");
        const { cautionAboutShell } = await import("../shell-words.ts");
        const { runSession } = await import("../run-session.ts");
        await cautionAboutShell(ctx, wish.command);
        const reason = wish.reason ?? (await askedReason(ctx));
        await confirmed(ctx, wish.target);
        const broken = await askFor(ctx, { ...wish, reason }, "/v1/break-glass");
        if (!ctx.output.json) for (const line of owed(broken)) ctx.output.info(line);
        return await runSession(ctx, broken, 0);
      });
    });
}

/** As the gateway would refuse it, in words. Throws Failure with exit status 2. */
function requireReason(reason: Wish["reason"]): void {
  if (reason === undefined || reason.length >= LEAST_REASON_CHARACTERS) return;
  throw usage(
    `--reason needs at least ${LEAST_REASON_CHARACTERS} characters: ${reason}`,
    "nobody is asked beforehand: whoever reviews it has to see why",
  );
}

async function askedReason({ io }: Context): Promise<string> {
  const reason = isAttended(io) ? await askLine(io, "Reason:") : "";
  if (reason === "") throw usage("no reason is given", `--reason TEXT: ${REASON}`);
  requireReason(readable("--reason", reason));
  return reason;
}

/** What follows from it. */
function owed({ review, brokenOfDay }: RequestView): Shown[] {
  const count =
    brokenOfDay === undefined
      ? []
      : [
          shown`this is ${brokenOfDay.count} of the ${brokenOfDay.limit} times you may on ${brokenOfDay.day} (UTC)`,
        ];
  return review === undefined
    ? count
    : [...count, shown`a review of it is owed by ${review.dueAt}`];
}

/** Where there is a person to be asked. Throws Failure where they type anything else. */
async function confirmed({ io, output }: Context, target: Target): Promise<void> {
  if (!output.json) {
    output.info(
      "this breaks the glass: nobody has agreed to it, and it counts against your limit of the day",
    );
    output.info(
      "on record, for good: that you did, when, where, the command and your reason; somebody else has to review it",
    );
  }
  if (output.json || !isAttended(io)) return;
  const name = lastPart(target.service ?? target.task ?? "");
  const typed = await askLine(io, shown`Type ${name} to go on:`);
  if (typed !== name) throw new Failure("that is not its name: nothing was done");
}
