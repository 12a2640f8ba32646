import type { Command } from "commander";
import { requestSchema } from "../../api/response-schemas.ts";
import { requestPath, resolveId } from "../requests.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

const commands = [
  { name: "cancel", description: "withdraw your own request" },
  { name: "revoke", description: "take a request or its grant back: no session opens after this" },
] as const;

/** Stops what was asked or granted. */
export function register(program: Command, start: Start): void {
  for (const { name, description } of commands) {
    program
      .command(name)
      .description(description)
      .argument("<id>", "an id, or any unique end of one")
      .option("--comment <text>")
      .action((text: string, { comment }: { comment?: string }) =>
        start.withGateway(async (ctx) => {
          const { api, output } = ctx;
          const id = await resolveId(ctx, text);
          const request = await api.call("POST", requestPath(id, `/${name}`), {
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
}
