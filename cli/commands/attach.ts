import type { Command } from "commander";
import type { Start } from "../start.ts";
import { type WaitFlags, waitMsOf, withWaitFlags } from "../wait-flags.ts";

/** Comes back to a request of one's own: waits for what is missing, opens it and connects. */
export function attach(command: Command, start: Start): void {
  withWaitFlags(
    command
      .argument("<id>", "an id, or any unique end of one")
      .option("--replace", "end the session that was lost, and open another in its place"),
  ).action((text: string, { replace, ...flags }: WaitFlags & { replace?: true }) => {
    const waitMs = waitMsOf(flags);
    return start.withGateway(async (ctx) => {
      const { getRequest, resolveId } = await import("../requests.ts");
      const { runSession } = await import("../run-session.ts");
      const request = await getRequest(ctx, await resolveId(ctx, text));
      const lost = request.sessions.find(({ state }) => state === "opened")?.sessionId;
      // Where none goes on there is nothing to end, and it is opened as ever.
      return await runSession(ctx, request, waitMs, replace === true ? lost : undefined);
    });
  });
}
