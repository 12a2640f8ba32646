import { createPublicKey, type JsonWebKey, verify } from "node:crypto";

/** A JWT authorizer of an HTTP API, as it is configured, with the scopes of the route. */
export interface JwtAuthorizer {
  issuer: string;
  audience: string;
  scopes: string[];
}

export type JwtVerdict =
  /** What the integration is handed: every claim as one text. */
  | { ok: true; jwt: { claims: { [claim: string]: string }; scopes: string[] | null } }
  | { ok: false; status: 401 | 403; why: string };

interface Claims {
  [claim: string]: unknown;
}

const keySets = new Map<string, Promise<(JsonWebKey & { kid?: string })[]>>();

/**
 * What API Gateway's own JWT authorizer does with an Authorization header: finds the issuer's keys by discovery, takes
 * signatures by RSA alone, and looks at `iss`, `aud` or else `client_id`, `exp`, `nbf`, `iat` and the route's scopes. A
 * key is fetched once more where it is not among those it has.
 */
export async function authorizeToken(
  header: string | undefined,
  authorizer: JwtAuthorizer,
  now: number,
): Promise<JwtVerdict> {
  const unauthorized = (why: string): JwtVerdict => ({ ok: false, status: 401, why });
  const token = (header ?? "").replace(/^Bearer\s+/i, "");
  const [head = "", body = "", signature = "", ...more] = token.split(".");
  const { alg, kid } = decoded(head);
  const claims = decoded(body);
  if (more.length > 0 || signature === "") return unauthorized("no token");
  if (alg !== "RS256" && alg !== "RS384" && alg !== "RS512") return unauthorized("not by RSA");
  const key = await keyOf(authorizer.issuer, kid);
  if (key === undefined) return unauthorized("no such key");
  const signed = verify(
    `sha${alg.slice(2)}`,
    Buffer.from(`${head}.${body}`),
    createPublicKey({ key, format: "jwk" }),
    Buffer.from(signature, "base64url"),
  );
  if (!signed) return unauthorized("the signature is not right");
  const at = Math.floor(now / 1_000);
  const { iss, aud, client_id: client, exp, nbf, iat } = claims;
  if (iss !== authorizer.issuer) return unauthorized("another issuer's");
  const meant = aud === undefined ? [client] : [aud].flat();
  if (!meant.includes(authorizer.audience)) return unauthorized("for another audience");
  if (typeof exp !== "number" || exp <= at) return unauthorized("expired");
  if (typeof nbf === "number" && nbf > at) return unauthorized("not valid yet");
  if (typeof iat === "number" && iat > at + 1) return unauthorized("of the future");
  const held = [claims["scope"], claims["scp"]].flat().flatMap((one) => String(one).split(" "));
  const scopes = authorizer.scopes.filter((scope) => held.includes(scope));
  if (authorizer.scopes.length > 0 && scopes.length === 0) {
    return { ok: false, status: 403, why: "none of the scopes" };
  }
  return {
    ok: true,
    jwt: {
      claims: Object.fromEntries(Object.entries(claims).map(([name, of]) => [name, flat(of)])),
      scopes: authorizer.scopes.length === 0 ? null : scopes,
    },
  };
}

/** As the integration gets it: a list is one text in brackets, in which two groups and one with a space look alike. */
function flat(claim: unknown): string {
  if (Array.isArray(claim)) return `[${claim.map(flat).join(" ")}]`;
  return typeof claim === "object" && claim !== null ? JSON.stringify(claim) : String(claim);
}

function decoded(part: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Claims) : {};
  } catch {
    return {};
  }
}

async function keyOf(issuer: string, kid: unknown): Promise<JsonWebKey | undefined> {
  for (const isFresh of [false, true]) {
    if (isFresh) keySets.delete(issuer);
    const set = keySets.get(issuer) ?? published(issuer);
    keySets.set(issuer, set);
    const found = (await set.catch(() => [])).find((key) => key.kid === kid && key.kty === "RSA");
    if (found !== undefined) return found;
  }
  return undefined;
}

async function published(issuer: string): Promise<(JsonWebKey & { kid?: string })[]> {
  const place = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const { jwks_uri: uri } = (await (await fetch(place)).json()) as { jwks_uri: string };
  const { keys } = (await (await fetch(uri)).json()) as { keys: JsonWebKey[] };
  return keys;
}
