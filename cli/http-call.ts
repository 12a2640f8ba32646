import type { AwsCredentials } from "./credentials.ts";
import { Failure } from "./failure.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { queryText, signedHeaders } from "./sign.ts";
import type { BearerToken } from "./token.ts";

export interface HttpCall {
  method: "GET" | "POST" | "DELETE";
  url: URL;
  query: { [name: string]: string };
  /** Lower-case names. All of them are signed. */
  headers: { [name: string]: string };
  body: string | undefined;
  timeoutMs: number;
  /** Gives the call up from outside. */
  signal: AbortSignal | undefined;
}

export interface Wire {
  region: string;
  credentials(): Promise<AwsCredentials | BearerToken>;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/**
 * What came of one exchange. `not_sent`: no connection came about, so nothing can have happened there.
 * `lost`: it was sent, perhaps, and no whole answer came.
 */
export type Exchange =
  | { kind: "answer"; answer: HttpAnswer }
  | { kind: "not_sent" | "lost"; error: unknown };

const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Errors of Node's connect and name look-up, before a byte of the call has left. */
const BEFORE_SENDING = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_HAS_EXPIRED",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

/**
 * Signs one call, or gives it its token, and sends it once. Follows no redirect: where the signature was made for is
 * where it goes, and a token is nobody else's to see. Throws what `signal` was aborted with, and Failure where no credentials are found.
 */
export async function exchange(wire: Wire, call: HttpCall): Promise<Exchange> {
  const { method, url, query, body } = call;
  const headers = await authorized(wire, call);
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  const text = queryText(query);
  try {
    const response = await wire.fetch(text === "" ? url.href : `${url.href}?${text}`, {
      method,
      headers,
      // An error would not tell a redirect, at which nothing was done, from a lost answer.
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return { kind: "answer", answer: await readAnswer(response) };
  } catch (error) {
    call.signal?.throwIfAborted();
    return { kind: BEFORE_SENDING.has(errorCode(error)) ? "not_sent" : "lost", error };
  }
}

async function authorized(wire: Wire, call: HttpCall): Promise<{ [name: string]: string }> {
  const credentials = await wire.credentials();
  if ("bearer" in credentials) {
    return { ...call.headers, authorization: `Bearer ${credentials.bearer}` };
  }
  const { host: _, ...headers } = await signedHeaders(call, credentials, wire.region, new Date());
  return headers;
}

async function readAnswer(response: Response): Promise<HttpAnswer> {
  const retryAfter = /^\d{1,4}$/.exec(response.headers.get("retry-after") ?? "")?.[0] ?? "0";
  return {
    status: response.status,
    contentType: response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "",
    retryAfterMs: Number(retryAfter) * 1_000,
    clockAheadMs: aheadOf(response.headers.get("date")),
    text: await boundedText(response),
  };
}

/** A Date that is none says nothing. */
function aheadOf(date: string | null): number {
  const theirs = Date.parse(date ?? "");
  return Number.isNaN(theirs) ? 0 : Date.now() - theirs;
}

async function boundedText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > MAX_ANSWER_BYTES) {
      throw new Failure(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    }
    pieces.push(piece);
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(pieces));
}

/** The code of the operating system's or undici's error behind a failed fetch; empty without one. */
export function errorCode(error: unknown): string {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === "string") return code;
    // Several addresses were tried: undici gives the errors of all.
    if (current instanceof AggregateError) {
      const codes = current.errors.map(errorCode);
      if (codes.every((each) => BEFORE_SENDING.has(each))) return codes[0] ?? "";
    }
    current = current.cause;
  }
  return "";
}
