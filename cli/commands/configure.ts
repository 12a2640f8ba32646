import type { Command } from "commander";
import { writeConfig } from "../config.ts";
import { parseGatewayUrl } from "../gateway-url.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

export function configure(command: Command, start: Start): void {
  command.argument("<url>").action((text: string) =>
    start.alone(async ({ io, output, globalOptions: { profile, region } }) => {
      const config = {
        url: parseGatewayUrl(text).href,
        ...(profile === undefined ? {} : { profile }),
        ...(region === undefined ? {} : { region }),
      };
      const path = await writeConfig(io, config);
      if (output.json) output.value({ ...config, path });
      else output.print(shown`written to ${path}`);
      return undefined;
    }),
  );
}
