import { resolve } from "node:path";
import type { Command } from "commander";
import { writeConfig } from "../config.ts";
import { usage } from "../failure.ts";
import { parseGatewayUrl } from "../gateway-url.ts";
import { shown } from "../shown.ts";
import type { Start } from "../start.ts";

export function configure(command: Command, start: Start): void {
  command
    .argument("<url>")
    .option(
      "--oidc-token-file <file>",
      "the file of a token to call with, read anew for each call",
    );
  command.action((text: string, { oidcTokenFile }: { oidcTokenFile?: string }) =>
    start.alone(async ({ io, output, globalOptions: { profile, region, tokenFile } }) => {
      const file = oidcTokenFile ?? tokenFile;
      if (file !== undefined && profile !== undefined) {
        throw usage("--profile signs with AWS's credentials; the file of a token does not");
      }
      const config = {
        url: parseGatewayUrl(text).href,
        ...(profile === undefined ? {} : { profile }),
        ...(region === undefined ? {} : { region }),
        ...(file === undefined ? {} : { tokenFile: resolve(io.cwd, file) }),
      };
      const path = await writeConfig(io, config);
      if (output.json) output.value({ ...config, path });
      else output.print(shown`written to ${path}`);
      return undefined;
    }),
  );
}
