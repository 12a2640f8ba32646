import type { Command } from "commander";
import { requestSchema } from "../../api/response-schemas.ts";
import { pendingOf } from "../decidable.ts";
import { parseMinutes } from "../durations.ts";
import { extensionLines } from "../extension-view.ts";
import { usage } from "../failure.ts";
import { lacksLines } from "../lacks-view.ts";
import { readable } from "../readable.ts";
import { requestPath, resolveId } from "../requests.ts";
import type { Start } from "../start.ts";
import { typedByAnother } from "../typed-again.ts";

/** Asks for more time under one's own grant; what runs goes on meanwhile. */
export function extend(command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .requiredOption("--for <duration>", "how much longer, such as 30m")
    .requiredOption("--reason <text>", "why: approvers read it")
    .action((text: string, options: { for: string; reason: string }) => {
      const minutes = parseMinutes(options.for, "--for");
      const reason = readable("--reason", options.reason);
      if (reason === "") throw usage("no reason is given", "--reason TEXT: approvers read it");
      return start.withGateway(async (ctx) => {
        const { api, output, settings } = ctx;
        const id = await resolveId(ctx, text);
        const after = await api.call("POST", requestPath(id, "/extensions"), {
          body: { minutes, reason },
          schema: requestSchema,
        });
        if (output.json) {
          output.value(after);
          return undefined;
        }
        for (const line of extensionLines(after).slice(-1)) output.print(line);
        const waits = pendingOf(after);
        if (waits === undefined) return undefined;
        for (const line of lacksLines(waits)) output.print(line);
        output.info(`send them: ${typedByAnother(settings, "approve", after.id)}`);
        return undefined;
      });
    });
}
