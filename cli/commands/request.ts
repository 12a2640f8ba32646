import type { Command } from "commander";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";
import { wayBack } from "../typed-again.ts";
import { type AskFlags, wishOf, withAskFlags, withStartFlag } from "../wish.ts";

/** Asks and does not wait. */
export function request(command: Command, start: Start): void {
  withStartFlag(withAskFlags(command)).action((target: string | undefined, flags: AskFlags) => {
    const wish = wishOf(target, flags, start.command());
    return start.withGateway(async (ctx) => {
      const { askFor } = await import("../ask.ts");
      const { requestLines } = await import("../request-view.ts");
      const { cautionAboutShell } = await import("../shell-words.ts");
      await cautionAboutShell(ctx, wish.command);
      const asked = await askFor(ctx, wish);
      if (ctx.output.json) {
        ctx.output.value(asked);
        return undefined;
      }
      for (const line of requestLines(asked)) ctx.output.print(line);
      for (const line of wayBack(ctx.settings, asked.id)) ctx.output.info(shown`${line}`);
      return undefined;
    });
  });
}
