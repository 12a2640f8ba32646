import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer } from "node:http";
import { listenOnLoopback } from "../../emulator/loopback.ts";

/*
 * An issuer of tokens on this machine: it publishes its keys as OpenID Connect Discovery has it, and signs whatever a
 * test wants signed. It shares no code with those who verify.
 */

export type KeyKind = "RS256" | "ES256" | "EdDSA";

interface Key {
  kid: string;
  alg: KeyKind;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export interface TestIssuer {
  /** As its tokens name it. */
  url: string;
  /** What it has been asked for, path by path. */
  asked: string[];
  /** What it publishes; a test may put others in their place, or have it fail. */
  published: Key[];
  answersWith: { status: number } | undefined;
  /** A token with these claims beside good ones; undefined takes one away. */
  token(
    claims?: { [name: string]: unknown },
    by?: Key,
    header?: { [name: string]: unknown },
  ): string;
  close(): Promise<void>;
}

export const AUDIENCE = "sallyport";

export function newKey(kid: string, alg: KeyKind = "RS256"): Key {
  const pair =
    alg === "RS256"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : alg === "ES256"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519");
  return { kid, alg, ...pair };
}

const encoded = (value: object | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString("base64url");

/** A token as anybody could write it, signed by a key. */
export function signed(header: object, claims: object, key: Key): string {
  const text = `${encoded(header)}.${encoded(claims)}`;
  const digest = key.alg === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(text), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return `${text}.${encoded(signature)}`;
}

/** One that says it needs no signature. */
export function unsigned(claims: object): string {
  return `${encoded({ alg: "none", typ: "JWT" })}.${encoded(claims)}.`;
}

/** One signed with the published key as if it were a secret. */
export function signedWithPublicKey(claims: object, { kid, publicKey }: Key): string {
  const text = `${encoded({ alg: "HS256", typ: "JWT", kid })}.${encoded(claims)}`;
  const secret = publicKey.export({ type: "spki", format: "pem" });
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

export async function startTestIssuer(): Promise<TestIssuer> {
  const issuer: TestIssuer = {
    url: "",
    asked: [],
    published: [newKey("first")],
    answersWith: undefined,
    token(claims = {}, by = issuer.published[0] ?? newKey("none"), header = {}) {
      const now = Math.floor(Date.now() / 1_000);
      const good = { iss: issuer.url, aud: AUDIENCE, sub: "user-1", iat: now, exp: now + 300 };
      return signed(
        { alg: by.alg, kid: by.kid, typ: "JWT", ...header },
        { ...good, ...claims },
        by,
      );
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? "");
    const body =
      request.url === "/.well-known/openid-configuration"
        ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }
        : {
            keys: issuer.published.map(({ kid, alg, publicKey }) => ({
              ...publicKey.export({ format: "jwk" }),
              kid,
              alg,
              use: "sig",
            })),
          };
    response.writeHead(issuer.answersWith?.status ?? 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  issuer.url = `http://127.0.0.1:${await listenOnLoopback(server, 0)}`;
  return issuer;
}
