import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** An HTTP request as it arrived: nothing decoded, nothing normalized, header names in lower case. */
export interface SignedRequest {
  method: string;
  /** As on the wire, percent-encoding kept; without the query. */
  rawPath: string;
  /** Without the `?`. */
  rawQuery: string;
  headers: [string, string][];
  body: Uint8Array;
}

export interface SigningSecret {
  secretAccessKey: string;
  /** Set for temporary credentials: the request must then carry exactly this token. */
  sessionToken?: string;
}

export interface SignatureOptions {
  /** The service and region the credential scope must name. */
  service: string;
  region: string;
  /** Headers that must be covered by the signature beside every `x-amz-*` the request carries. */
  requiredSignedHeaders: string[];
}

export type SignatureRefusal =
  | "missing_authorization"
  | "malformed_authorization"
  | "malformed_date"
  | "stale_date"
  | "wrong_scope"
  | "unsigned_header"
  | "repeated_header"
  | "unknown_key"
  | "wrong_token"
  | "changed_body"
  | "wrong_signature";

export type SignatureVerdict =
  | { ok: true; accessKeyId: string }
  | { ok: false; why: SignatureRefusal };

interface Authorization {
  accessKeyId: string;
  day: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

/** How far `x-amz-date` may be from our clock, either way: what AWS documents for SigV4. */
const MAX_SKEW_MS = 300_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([a-z0-9;._-]+), ?Signature=([0-9a-f]{64})$/;

/** Headers that may come once only: of two, a proxy and a handler could each believe another. */
const SINGLE = /^(?:authorization|host|content-type|x-amz-.*)$/;

/**
 * Verifies an AWS Signature Version 4 in the `Authorization` header. Presigned (query) requests are
 * refused for having no such header.
 *
 * A yes means: the holder of the key's secret signed this method, path, query, body and every
 * `x-amz-*` and required header, for this service and region, within five minutes of `now`. Whether
 * temporary credentials have expired is the caller's to decide: the key is only looked up here.
 *
 * `unknown_key` is answered before the signature is judged, as AWS does.
 */
export function verifySignature(
  request: SignedRequest,
  secretOf: (accessKeyId: string) => SigningSecret | undefined,
  now: Date,
  options: SignatureOptions,
): SignatureVerdict {
  const refuse = (why: SignatureRefusal): SignatureVerdict => ({ ok: false, why });

  const names = request.headers.map(([name]) => name);
  if (names.some((name, i) => SINGLE.test(name) && names.indexOf(name) !== i)) {
    return refuse("repeated_header");
  }
  const header = (name: string): string | undefined =>
    request.headers.find(([candidate]) => candidate === name)?.[1];

  const written = header("authorization");
  if (written === undefined) return refuse("missing_authorization");
  const auth = parseAuthorization(written);
  if (auth === undefined) return refuse("malformed_authorization");
  if (auth.service !== options.service || auth.region !== options.region) {
    return refuse("wrong_scope");
  }

  const date = header("x-amz-date") ?? "";
  const at = parseDate(date);
  if (at === undefined || !date.startsWith(auth.day)) return refuse("malformed_date");
  if (Math.abs(now.getTime() - at) > MAX_SKEW_MS) return refuse("stale_date");

  const signed = new Set(auth.signedHeaders);
  const mustBeSigned = [
    ...options.requiredSignedHeaders,
    ...names.filter((name) => name.startsWith("x-amz-")),
  ];
  if (mustBeSigned.some((name) => !signed.has(name))) return refuse("unsigned_header");

  const secret = secretOf(auth.accessKeyId);
  if (secret === undefined) return refuse("unknown_key");
  if (!sameText(header("x-amz-security-token") ?? "", secret.sessionToken ?? "")) {
    return refuse("wrong_token");
  }

  const bodyHash = sha256Hex(request.body);
  const claimedHash = header("x-amz-content-sha256");
  if (claimedHash !== undefined && claimedHash !== bodyHash) return refuse("changed_body");

  const scope = `${auth.day}/${auth.region}/${auth.service}/aws4_request`;
  const key = signingKey(secret.secretAccessKey, auth);
  const given = Buffer.from(auth.signature, "hex");
  if (auth.signedHeaders.some((name) => !names.includes(name))) return refuse("wrong_signature");
  const right = canonicalPaths(request.rawPath).some((path) => {
    const canonical = [
      request.method,
      path === "" ? "/" : path,
      canonicalQuery(request.rawQuery),
      ...auth.signedHeaders.map((name) => `${name}:${canonicalValue(request.headers, name)}`),
      "",
      auth.signedHeaders.join(";"),
      bodyHash,
    ].join("\n");
    const toSign = ["AWS4-HMAC-SHA256", date, scope, sha256Hex(canonical)].join("\n");
    return timingSafeEqual(hmac(key, toSign), given);
  });
  return right ? { ok: true, accessKeyId: auth.accessKeyId } : refuse("wrong_signature");
}

/** The key id a request claims, before anything is verified: for a log line, never for a decision. */
export function claimedAccessKeyId(headers: [string, string][]): string {
  const written = headers.find(([name]) => name === "authorization")?.[1] ?? "";
  return parseAuthorization(written)?.accessKeyId ?? "";
}

/** The region an Authorization header says it is signed for, verified or not. Empty where there is none. */
export function claimedRegion(headers: [string, string][]): string {
  const written = headers.find(([name]) => name === "authorization")?.[1] ?? "";
  return parseAuthorization(written)?.region ?? "";
}

function parseAuthorization(written: string): Authorization | undefined {
  const match = AUTHORIZATION.exec(written);
  if (match === null) return undefined;
  const [, accessKeyId = "", day = "", region = "", service = "", names = "", signature = ""] =
    match;
  const signedHeaders = names.split(";");
  // Sorted and without repeats is the only form a signer makes; another would be a second spelling.
  const canonical = [...new Set(signedHeaders)].sort();
  if (canonical.join(";") !== names) return undefined;
  return { accessKeyId, day, region, service, signedHeaders, signature };
}

/** Epoch milliseconds of `20261124T082021Z`, or undefined where that is no such date. */
function parseDate(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Every client but S3's encodes the path as sent once more; curl before 8 signs it as sent. The second form
 * is taken only of a path without escapes: else the signature of `/a%20b` would also be one of `/a%2520b`.
 */
function canonicalPaths(rawPath: string): string[] {
  const encoded = rawPath.split("/").map(encode).join("/");
  return rawPath.includes("%") ? [encoded] : [encoded, rawPath];
}

/**
 * Read by the parser that the event for a handler is made with, `+` for a space included: two queries with
 * one canonical form must mean the same to whoever acts on them.
 */
function canonicalQuery(rawQuery: string): string {
  const pairs = [...new URLSearchParams(rawQuery)].map(([name, value]): [string, string] => [
    encode(name),
    encode(value),
  ]);
  // By code point: both sides are ASCII by now, so JavaScript's order is the byte order SigV4 wants.
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

function canonicalValue(headers: [string, string][], name: string): string {
  return headers
    .filter(([candidate]) => candidate === name)
    .map(([, value]) => value.trim().replace(/ +/g, " "))
    .join(",");
}

function signingKey(secretAccessKey: string, auth: Authorization): Uint8Array {
  const day = hmac(`AWS4${secretAccessKey}`, auth.day);
  return hmac(hmac(hmac(day, auth.region), auth.service), "aws4_request");
}

/** RFC 3986 percent-encoding: `encodeURIComponent` leaves five characters that AWS encodes. */
function encode(text: string): string {
  // A lone surrogate cannot be encoded; it cannot be signed either, so any text that fails will do.
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sameText(a: string, b: string): boolean {
  return timingSafeEqual(
    createHash("sha256").update(a).digest(),
    createHash("sha256").update(b).digest(),
  );
}

function sha256Hex(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function hmac(key: Uint8Array | string, text: string): Uint8Array {
  return createHmac("sha256", key).update(text).digest();
}
