import type { Command } from "commander";
import type { Start } from "../start.ts";
import { type WaitFlags, waitMsOf, withWaitFlags } from "../wait-flags.ts";

/** Comes back to a request of one's own: waits for what is missing, opens it and connects. */
export function attach(command: Command, start: Start): void {
  withWaitFlags(command.argument("<id>", "an id, or any unique end of one")).action(
    (text: string, flags: WaitFlags) => {
      const waitMs = waitMsOf(flags);
      return start.withGateway(async (ctx) => {
        const { getRequest, resolveId } = await import("../requests.ts");
        const { runSession } = await import("../run-session.ts");
        return await runSession(ctx, await getRequest(ctx, await resolveId(ctx, text)), waitMs);
      });
    },
  );
}
