import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from "jose";
import { SallyportError } from "../core/errors.ts";

export interface PublishedKeysSettings {
  /** In place of Node's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /**
   * How long keys are used without being read again: so long a key that its issuer took back may still be believed,
   * and so long an issuer may be away.
   *
   * @default ten minutes
   */
  maxAgeMs?: number;
  /**
   * How long after a reading no unknown key makes another: whoever names made-up keys makes no load.
   *
   * @default half a minute
   */
  cooldownMs?: number;
}

const MAX_AGE_MS = 600_000;
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 3_000;
/** Of a discovery document and of a set of keys. Both are a few kilobytes. */
const MOST_BYTES = 256 * 1024;

/**
 * The keys that issuers publish, found by OpenID Connect Discovery and kept in memory for a while. A key that is not
 * among those kept is looked for once more, so that a rotation needs no waiting. Throws `issuer_unavailable` where they
 * cannot be read, and jose's own errors where the token's key is not among them.
 */
export function publishedKeys(
  settings: PublishedKeysSettings = {},
): (issuer: string) => JWTVerifyGetKey {
  const get = bounded(settings.fetch ?? fetch);
  const { maxAgeMs = MAX_AGE_MS, cooldownMs = COOLDOWN_MS } = settings;
  const known = new Map<string, Promise<JWTVerifyGetKey>>();

  async function discover(issuer: string): Promise<JWTVerifyGetKey> {
    const response = await get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
      headers: { accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) throw new Error(`discovery answered ${response.status}`);
    const { issuer: own, jwks_uri: text } = (await response.json()) as {
      issuer?: unknown;
      jwks_uri?: unknown;
    };
    if (own !== issuer) throw new Error("the discovery document is another issuer's");
    if (typeof text !== "string") throw new Error("the discovery document names no keys");
    const url = new URL(text);
    // Keys that came in clear would be whoever's who is on the way.
    if (url.protocol !== new URL(issuer).protocol) throw new Error("the keys are read otherwise");
    return createRemoteJWKSet(url, {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: maxAgeMs,
      cooldownDuration: cooldownMs,
      [customFetch]: get,
    });
  }

  return (issuer) => async (header, token) => {
    try {
      let keys = known.get(issuer);
      if (keys === undefined) {
        keys = discover(issuer);
        known.set(issuer, keys);
        keys.catch(() => known.delete(issuer));
      }
      return await (await keys)(header, token);
    } catch (error) {
      if (
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys
      ) {
        throw error;
      }
      throw new SallyportError(
        "issuer_unavailable",
        "the keys of the token's issuer cannot be read, so it is not believed",
        { hint: "nothing was done: try again in a moment", retryAfterSeconds: 5 },
        error,
      );
    }
  };
}

/** The same, with an answer cut off beyond what it may hold. */
function bounded(
  send: NonNullable<PublishedKeysSettings["fetch"]>,
): NonNullable<PublishedKeysSettings["fetch"]> {
  return async (url, init) => {
    const response = await send(url, init);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of response.body ?? []) {
      length += piece.length;
      if (length > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
      pieces.push(piece);
    }
    const { status, headers } = response;
    return new Response(Buffer.concat(pieces), { status, headers });
  };
}
