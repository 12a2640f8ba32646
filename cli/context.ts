import type { ApiClient } from "./api-client.ts";
import { chosenGateway, type GlobalOptions } from "./config.ts";
import { type AwsCredentials, findCredentials } from "./credentials.ts";
import { createOutput, type Io, type Output } from "./output.ts";
import { readToken } from "./token.ts";
import type { Typed } from "./typed-again.ts";

/** What every command works with. */
export interface Context {
  io: Io;
  output: Output;
  api: ApiClient;
  settings: Typed & { region: string };
}

/** The network, for whoever brings another. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Chooses the gateway and makes ready to call it. Nothing is sent, and credentials are not looked for,
 * before the first call. Throws Failure where no gateway is configured. What speaks to the gateway is loaded
 * here, and not by whoever only asks for help.
 */
export async function openContext(
  globalOptions: GlobalOptions,
  io: Io,
  {
    fetch = globalThis.fetch,
    program = "sallyport",
  }: { fetch?: Fetch | undefined; program?: string | undefined },
): Promise<Context> {
  const gateway = await chosenGateway(io, globalOptions);
  const { apiClient } = await import("./api-client.ts");
  let found: Promise<AwsCredentials> | undefined;
  const { credentials, region, url } = gateway;
  const settings = { region, program, globalOptions };
  return {
    io,
    output: createOutput(io, { json: globalOptions.json === true, typed: settings }),
    api: apiClient({
      url,
      region,
      // A chain is asked each time: it knows when what it found runs out. So is a token, which is renewed by others.
      // A local gateway's file does not change.
      credentials: async () => {
        switch (credentials.kind) {
          case "file":
            return await (found ??= findCredentials(credentials));
          case "chain":
            return await findCredentials(credentials);
          case "token_file":
          case "token_variable":
            return await readToken(credentials, io.env, Date.now());
        }
      },
      fetch,
    }),
    settings,
  };
}
