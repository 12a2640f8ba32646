import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type * as z from "zod";
import { exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { isLoopback } from "./gateway-url.ts";
import { failureOf, successOf } from "./http-answer.ts";
import { type Exchange, errorCode, exchange, type Wire } from "./http-call.ts";

export interface CallOptions<T> {
  /** Members that are undefined are left out. */
  query?: { [name: string]: string | number | undefined };
  body?: unknown;
  /** What a successful answer must be. */
  schema: z.ZodType<T>;
  /** Whether the call may be repeated where its answer is lost; by default all but opening a session. */
  idempotent?: boolean;
  signal?: AbortSignal;
}

/** The gateway's API. */
export interface ApiClient {
  readonly url: string;
  /** Whether the gateway is on this machine: only then may it send us to a session in clear. */
  readonly loopback: boolean;
  /**
   * One call. Reads, and changes under an Idempotency-Key, are tried up to three times where an answer was
   * lost or the trouble passes: the gateway knows the repeat by its key. Opening a session has no such key
   * and is tried once, whatever happens; where it is not known what came of it, the exit status is 125.
   * Throws Failure, and what `signal` was aborted with.
   */
  call<T>(method: "GET" | "POST" | "DELETE", path: string, options: CallOptions<T>): Promise<T>;
}

const TIMEOUT_MS = 30_000;
const MOST_TRIES = 3;
const PAUSES_MS = [500, 2_000];
const LONGEST_PAUSE_MS = 10_000;
/** Problems that pass by themselves, and that the same call may get past. */
const PASSING = new Set<string>([
  "throttled",
  "record_conflict",
  "record_unavailable",
  "limits_unavailable",
  "groups_unavailable",
  "issuer_unavailable",
]);
const UNKNOWN_HINT =
  "it cannot be opened again under this approval: look whether the command was left running, and ask anew";

/** `pause` is for whoever has another clock. */
export function apiClient(
  wire: Wire & { url: URL; pause?: (ms: number) => Promise<unknown> },
): ApiClient {
  const { url } = wire;
  const pause = wire.pause ?? sleep;
  const base = url.pathname.replace(/\/+$/, "");
  return {
    url: url.href,
    loopback: isLoopback(url),
    async call(method, path, options) {
      const opens = path.endsWith("/sessions");
      const repeatable = options.idempotent ?? !opens;
      const headers: { [name: string]: string } = { accept: "application/json" };
      if (method !== "GET") headers["content-type"] = "application/json";
      if (method === "POST") {
        if (!opens) headers["idempotency-key"] = randomBytes(16).toString("hex");
      }
      const query: { [name: string]: string } = {};
      for (const [name, value] of Object.entries(options.query ?? {})) {
        if (value !== undefined) query[name] = String(value);
      }
      const call = {
        method,
        url: new URL(`${base}${path}`, url),
        query,
        headers,
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        timeoutMs: TIMEOUT_MS + Number(query["waitSeconds"] ?? 0) * 1_000,
        signal: options.signal,
      };
      for (let attempt = 1; ; attempt++) {
        const came = await exchange(wire, call);
        if (came.kind === "answer" && came.answer.status >= 200 && came.answer.status < 300) {
          const { answer } = came;
          return opens
            ? opened(() => successOf(options.schema, answer))
            : successOf(options.schema, answer);
        }
        const failure =
          came.kind === "answer" ? named(failureOf(came.answer), path) : notAnswered(url, came);
        if (opens) throw notOpened(came, failure);
        if (!repeatable || attempt >= MOST_TRIES || !passes(came, failure)) throw failure;
        const asked = came.kind === "answer" ? came.answer.retryAfterMs : 0;
        await pause(Math.min(Math.max(asked, PAUSES_MS[attempt - 1] ?? 0), LONGEST_PAUSE_MS));
        options.signal?.throwIfAborted();
      }
    },
  };
}

/** A hint about `ID`, with the id of the request that was called for. */
function named(failure: Failure, path: string): Failure {
  const id = /^\/v1\/requests\/([0-9a-z]{26})(?:\/|$)/.exec(path)?.[1];
  if (id === undefined) return failure;
  return failure.hinting(failure.hints.map((hint) => hint.replaceAll(/ ID`/g, ` ${id}\``)));
}

function passes(came: Exchange, { problem }: Failure): boolean {
  // Connections that are refused stay refused for longer than we would wait.
  if (came.kind !== "answer") return came.kind === "lost" && !(came.error instanceof Failure);
  if (problem !== undefined) return PASSING.has(problem.code);
  return [429, 502, 503, 504].includes(came.answer.status);
}

function notAnswered(url: URL, { error }: { error: unknown }): Failure {
  if (error instanceof Failure) return error;
  const code = errorCode(error);
  const what = code !== "" ? code : error instanceof Error ? error.message : String(error);
  return new Failure(`${url.href} does not answer: ${what}`, {
    exitCode: exitCodes.unreachable,
    hint: isLoopback(url)
      ? "is the local gateway running? npm start"
      : "check the URL with `sallyport configure URL`, and the network",
    cause: error,
  });
}

/** An open that the gateway itself did not answer may have started the command. */
function notOpened(came: Exchange, failure: Failure): Failure {
  const known =
    came.kind === "not_sent" ||
    failure.problem !== undefined ||
    (came.kind === "answer" && came.answer.status < 500);
  if (known) return failure;
  return new Failure(`it is not known whether the session was opened: ${failure.message}`, {
    exitCode: exitCodes.unknown,
    hint: UNKNOWN_HINT,
    cause: failure,
  });
}

/** Opened, and the answer cannot be read: the command runs, and nobody has its credentials. */
function opened<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(`a session was opened and cannot be used: ${why}`, {
      exitCode: exitCodes.unknown,
      hint: UNKNOWN_HINT,
      cause: error,
    });
  }
}
