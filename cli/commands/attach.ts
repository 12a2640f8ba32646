import type { Command } from "commander";
import { getRequest, resolveId } from "../requests.ts";
import { runSession, type WaitFlags, waitMsOf } from "../run-session.ts";
import type { Start } from "../start.ts";

/** Comes back to a request of one's own: waits for what is missing, opens it and connects. */
export function register(program: Command, start: Start): void {
  program
    .command("attach")
    .description("open a request of yours that is approved, or wait until it is")
    .argument("<id>", "an id, or any unique end of one")
    .option("--wait <duration>", "how long to wait for decisions", "15m")
    .option("--no-wait", "do not wait")
    .action((text: string, flags: WaitFlags) =>
      start.withGateway(async (ctx) => {
        const waitMs = waitMsOf(flags);
        const request = await getRequest(ctx, await resolveId(ctx, text));
        return await runSession(ctx, request, waitMs);
      }),
    );
}
