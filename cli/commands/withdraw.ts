import type { Command } from "commander";
import { requestSchema } from "../../api/response-schemas.ts";
import { readable } from "../readable.ts";
import { requestPath, resolveId } from "../requests.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

/** Takes one's own request back. */
export function cancel(command: Command, start: Start): void {
  stopBy("cancel", command, start);
}

/** Takes back what was asked or granted. */
export function revoke(command: Command, start: Start): void {
  stopBy("revoke", command, start);
}

function stopBy(how: "cancel" | "revoke", command: Command, start: Start): void {
  command
    .argument("<id>", "an id, or any unique end of one")
    .option("--comment <text>")
    .action((text: string, { comment }: { comment?: string }) =>
      start.withGateway(async (ctx) => {
        const { api, output } = ctx;
        readable("--comment", comment);
        const id = await resolveId(ctx, text);
        const request = await api.call("POST", requestPath(id, `/${how}`), {
          body: { comment },
          schema: requestSchema,
        });
        if (output.json) {
          output.value(request);
          return undefined;
        }
        output.print(shown`request ${request.id} is ${request.status}`);
        if (request.note !== undefined) output.print(shown`${request.note}`);
        return undefined;
      }),
    );
}
