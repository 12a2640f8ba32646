import { exitCodes } from "./exit-codes.ts";
import { Failure, usage } from "./failure.ts";

const EXECUTE_API = /\.execute-api\.([a-z0-9-]{1,32})\.amazonaws\.com(?:\.cn)?$/;
const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Reads where the gateway is. Signed calls and their answers go over TLS, except to this machine.
 * Throws Failure with exit status 2.
 */
export function parseGatewayUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (error) {
    throw new Failure(`not a URL: ${text}`, {
      exitCode: exitCodes.usage,
      hint: "it looks like https://….execute-api.REGION.amazonaws.com",
      cause: error,
    });
  }
  const wrong =
    url.username !== "" || url.password !== ""
      ? "it holds a user name or password, which are not used"
      : url.search !== "" || url.hash !== ""
        ? "it has a query or a fragment"
        : url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))
          ? undefined
          : "only https, or http to this machine, is used";
  if (wrong !== undefined) throw usage(`the gateway's URL cannot be used: ${wrong}`);
  return url;
}

/** Whether it is a gateway on this machine: only such a one may send us to a session in clear. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.has(url.hostname);
}

/** The region in API Gateway's own host names; undefined for a custom domain. */
export function regionOfHost(url: URL): string | undefined {
  return EXECUTE_API.exec(url.hostname)?.[1];
}
