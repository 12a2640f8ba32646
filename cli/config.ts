import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { CredentialSource } from "./credentials.ts";
import { exitCodes } from "./exit-codes.ts";
import { Failure, usage } from "./failure.ts";
import { isLoopback, parseGatewayUrl, regionOfHost } from "./gateway-url.ts";
import type { TokenSource } from "./token.ts";

/** Which gateway to speak to, and as whom. */
export interface Gateway {
  url: URL;
  /** The one that signatures name. */
  region: string;
  credentials: CredentialSource | TokenSource;
}

/** What `configure` keeps. */
export interface StoredConfig {
  url: string;
  profile?: string;
  region?: string;
  /** The file of a token, in place of AWS's credentials. */
  tokenFile?: string;
}

/** The options that every command takes. */
export interface GlobalOptions {
  json?: boolean | undefined;
  as?: string | undefined;
  state?: string | undefined;
  profile?: string | undefined;
  region?: string | undefined;
  url?: string | undefined;
  tokenFile?: string | undefined;
}

interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** `$XDG_CONFIG_HOME/sallyport/config.json`, by default under `~/.config`. */
export function configPath({ env }: Pick<Surroundings, "env">): string {
  const configured = env["XDG_CONFIG_HOME"];
  // The XDG specification: a relative path is invalid and to be ignored.
  const folder =
    configured?.startsWith("/") === true ? configured : join(env["HOME"] ?? homedir(), ".config");
  return join(folder, "sallyport", "config.json");
}

/**
 * The gateway to use: with `as`, the local one whose state lies in `./.sallyport` (or `state`), under one
 * of its own profiles; else `url`, else SALLYPORT_URL, else what `configure` kept. A profile, a region and the file
 * of a token that were configured go with the URL they were configured for, and with no other.
 */
export async function chosenGateway(
  surroundings: Surroundings,
  options: GlobalOptions,
): Promise<Gateway> {
  if (options.as !== undefined) {
    if (options.url !== undefined) throw usage("--as names a local gateway; --url another");
    if (options.tokenFile !== undefined)
      throw usage("--as names an identity; --token-file another");
    return await localGateway(resolve(surroundings.cwd, options.state ?? ".sallyport"), options.as);
  }
  if (options.state !== undefined) throw usage("--state goes together with --as NAME");
  const { env } = surroundings;
  const named = options.url ?? (env["SALLYPORT_URL"] === "" ? undefined : env["SALLYPORT_URL"]);
  const stored = named === undefined ? await readConfig(configPath(surroundings)) : undefined;
  const text = named ?? stored?.url;
  if (text === undefined) {
    throw new Failure("no gateway is configured", {
      exitCode: exitCodes.unreachable,
      hint: "`sallyport configure URL`, or SALLYPORT_URL; for a local gateway: `sallyport --as dev targets`",
    });
  }
  const url = parseGatewayUrl(text);
  const region =
    options.region ??
    stored?.region ??
    regionOfHost(url) ??
    env["AWS_REGION"] ??
    env["AWS_DEFAULT_REGION"] ??
    "us-east-1";
  const token = tokenSource(surroundings, options, stored);
  return token === undefined
    ? { url, region, credentials: { kind: "chain", profile: options.profile ?? stored?.profile } }
    : { url: doorOfTokens(url), region, credentials: token };
}

/** What was typed goes before what is in the environment, and both before what is configured. */
function tokenSource(
  { env, cwd }: Surroundings,
  { tokenFile, profile }: GlobalOptions,
  stored: StoredConfig | undefined,
): TokenSource | undefined {
  if (tokenFile !== undefined) {
    if (profile !== undefined)
      throw usage("--profile signs with AWS's credentials; --token-file does not");
    return { kind: "token_file", path: resolve(cwd, tokenFile) };
  }
  if (profile !== undefined) return undefined;
  if ((env["SALLYPORT_TOKEN"] ?? "") !== "") {
    return { kind: "token_variable", name: "SALLYPORT_TOKEN" };
  }
  return stored?.tokenFile === undefined
    ? undefined
    : { kind: "token_file", path: stored.tokenFile };
}

/** Tokens of the first issuer come by /web; whoever has another's says so with the URL: …/web/NAME. */
function doorOfTokens(url: URL): URL {
  return url.pathname === "/" ? new URL("/web", url) : url;
}

async function localGateway(state: string, profile: string): Promise<Gateway> {
  const path = join(state, "endpoint.json");
  const endpoint = await readJson(path);
  if (endpoint === undefined) {
    throw new Failure(`no local gateway has written ${path}`, {
      exitCode: exitCodes.unreachable,
      hint: "start one with npm start, or name its folder with --state DIR",
    });
  }
  const { api, region } = endpoint as { api?: unknown; region?: unknown };
  if (typeof api !== "string") throw unusable(path, "it names no api");
  const url = parseGatewayUrl(api);
  // A file that lies in a folder must not send calls of ours anywhere else.
  if (!isLoopback(url)) throw unusable(path, "its api is not on this machine");
  return {
    url,
    region: typeof region === "string" ? region : "us-east-1",
    credentials: { kind: "file", path: join(state, "credentials"), profile },
  };
}

async function readConfig(path: string): Promise<StoredConfig | undefined> {
  const value = await readJson(path);
  if (value === undefined) return undefined;
  const { url, profile, region, tokenFile } = value as { [name: string]: unknown };
  const isText = (member: unknown): boolean => member === undefined || typeof member === "string";
  if (typeof url !== "string" || ![profile, region, tokenFile].every(isText)) {
    throw unusable(path, "it is not what `sallyport configure` writes");
  }
  return {
    url,
    ...(typeof profile === "string" ? { profile } : {}),
    ...(typeof region === "string" ? { region } : {}),
    ...(typeof tokenFile === "string" ? { tokenFile } : {}),
  };
}

/** An object in a file; undefined where there is no such file. */
async function readJson(path: string): Promise<object | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unusable(path, "it cannot be read", error);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Said below, without the parser's words, which would quote the file.
  }
  throw unusable(path, "it is not a JSON object");
}

function unusable(path: string, why: string, cause?: unknown): Failure {
  return new Failure(`${path}: ${why}`, {
    exitCode: exitCodes.unreachable,
    hint: "`sallyport configure URL` writes it anew",
    cause,
  });
}

/** Writes the configuration, readable by its owner alone, and never half of it. Answers where. */
export async function writeConfig(
  surroundings: Pick<Surroundings, "env">,
  config: StoredConfig,
): Promise<string> {
  const path = configPath(surroundings);
  const beside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(beside, `${JSON.stringify(config, undefined, 2)}\n`, {
      mode: 0o600,
      flag: "wx",
    });
    await chmod(beside, 0o600);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(`the configuration cannot be written: ${why}`, { cause: error });
  }
  return path;
}
