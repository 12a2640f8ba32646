import { type ApiClient, apiClient } from "./api-client.ts";
import { chosenGateway, type GlobalOptions } from "./config.ts";
import { type AwsCredentials, findCredentials } from "./credentials.ts";
import { createOutput, type Io, type Output } from "./output.ts";

/** What every command works with. */
export interface Context {
  io: Io;
  output: Output;
  api: ApiClient;
  settings: { region: string; globalOptions: GlobalOptions };
}

/** The network, for whoever brings another. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Chooses the gateway and makes ready to call it. Nothing is sent, and credentials are not looked for,
 * before the first call. Throws Failure where no gateway is configured.
 */
export async function openContext(
  globalOptions: GlobalOptions,
  io: Io,
  fetch: Fetch = globalThis.fetch,
): Promise<Context> {
  const gateway = await chosenGateway(io, globalOptions);
  let found: Promise<AwsCredentials> | undefined;
  const { credentials, region, url } = gateway;
  return {
    io,
    output: createOutput(io, { json: globalOptions.json === true }),
    api: apiClient({
      url,
      region,
      // A chain is asked each time: it knows when what it found runs out. A file does not change.
      credentials: () =>
        credentials.kind === "file"
          ? (found ??= findCredentials(credentials))
          : findCredentials(credentials),
      fetch,
    }),
    settings: { region, globalOptions },
  };
}
