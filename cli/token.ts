import { readFile } from "node:fs/promises";
import { age } from "./durations.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

/** A token of an identity provider, which its bearer is believed by. */
export interface BearerToken {
  bearer: string;
}

/** Where it is read, anew for each call: whoever renews it writes another there. Its text is shown nowhere. */
export type TokenSource =
  | { kind: "token_file"; path: string }
  | { kind: "token_variable"; name: "SALLYPORT_TOKEN" };

const TOKEN = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const HINT =
  "get a new one from its issuer: in a pipeline its step does; a file is read anew for each call";

/**
 * The token as it is now. Throws Failure with exit status 124 where there is none, or one that has expired: that the
 * gateway would say of it anyway.
 */
export async function readToken(
  source: TokenSource,
  env: NodeJS.ProcessEnv,
  now: number,
): Promise<BearerToken> {
  const where = source.kind === "token_file" ? source.path : source.name;
  const text = source.kind === "token_file" ? await read(source.path) : (env[source.name] ?? "");
  const bearer = text.trim();
  if (!TOKEN.test(bearer)) throw notSignedIn(`${where} holds no token`);
  const expiresAt = expiryOf(bearer);
  if (expiresAt !== undefined && expiresAt <= now) {
    throw notSignedIn(`the token in ${where} expired ${age(now - expiresAt)} ago`);
  }
  return { bearer };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    throw notSignedIn(
      code === "ENOENT" ? `there is no ${path}` : `${path} cannot be read: ${code}`,
      error,
    );
  }
}

/** What it says of itself, unverified: only to tell whoever sends it. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"),
    );
    const { exp } = (claims ?? {}) as { exp?: unknown };
    return typeof exp === "number" ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}

function notSignedIn(what: string, cause?: unknown): Failure {
  return new Failure(what, { exitCode: exitCodes.unreachable, hint: HINT, cause });
}
