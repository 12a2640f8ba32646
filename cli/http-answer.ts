import * as z from "zod";
import type { ProblemDocument } from "../api/problems.ts";
import { parseStrictJson } from "../core/strict-json.ts";
import { counted } from "./counted.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

/** An answer that came whole. */
export interface HttpAnswer {
  status: number;
  /** Without its parameters, in lower case. */
  contentType: string;
  /** What Retry-After asks for; 0 where it does not. */
  retryAfterMs: number;
  /** How far this machine's clock was ahead of the answer's Date, in milliseconds; 0 without one. */
  clockAheadMs: number;
  text: string;
}

/** AWS refuses a signature that is older, or younger, than this. */
const SIGNED_WITHIN_MS = 5 * 60_000;
/** The call itself takes time, and a Date has whole seconds: so close to the limit, either may be. */
const CLOSE_MS = 10_000;

/** Members that we do not know are kept, for `--json`. */
const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  instance: z.string().optional(),
  retryable: z.boolean(),
  hint: z.string().optional(),
  issues: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  aws: z.object({ error: z.string(), message: z.string() }).optional(),
});

/** How API Gateway itself answers, when it does not let a call through to a function. */
const frontDoorSchema = z.object({ message: z.string() });

/** Answers are deeper than what we send: a list holds requests, which hold cards. */
const DEPTH = 32;

/**
 * The value of a successful answer. Throws Failure where it is not what its schema says: nothing of an
 * answer is used or shown that is not what it should be.
 */
export function successOf<T>(schema: z.ZodType<T>, answer: HttpAnswer): T {
  const read = parseStrictJson(answer.text, { depth: DEPTH });
  if (read.kind === "invalid") {
    const [issue] = read.issues;
    throw new Failure(
      `the gateway's answer is not JSON with one meaning (${issue?.pointer ?? ""}: ${issue?.detail ?? ""})`,
      { hint: "check the URL with `sallyport configure URL`" },
    );
  }
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : `/${issue.path.map(String).join("/")}: ${issue.message}`;
  throw new Failure(`the gateway's answer is not what it should be (${where})`, {
    hint: "the gateway may be of another version than this command",
  });
}

/** What an answer says that is none of success. */
export function failureOf(answer: HttpAnswer): Failure {
  const read = parseStrictJson(answer.text, { depth: DEPTH });
  const value = read.kind === "value" ? read.value : undefined;
  if (answer.contentType === "application/problem+json") {
    const parsed = problemSchema.safeParse(value);
    if (parsed.success) {
      const { detail, title, hint, code } = parsed.data;
      const retryAfterSeconds = answer.retryAfterMs / 1_000;
      // A hint with "in a moment" leaves open how long that is.
      const wait =
        code === "throttled" && retryAfterSeconds > 0
          ? [`AWS asks for ${counted(retryAfterSeconds, "second")} of waiting`]
          : [];
      return new Failure(detail === "" ? title : detail, {
        exitCode: exitCodeOf(code),
        problem: parsed.data as unknown as ProblemDocument,
        retryAfterSeconds,
        hint: [...(hint === undefined ? [] : [hint]), ...wait],
      });
    }
  }
  const frontDoor = frontDoorSchema.safeParse(value);
  const said = frontDoor.success ? `: ${frontDoor.data.message}` : "";
  if (answer.status === 401) {
    // API Gateway says so of tokens alone.
    return new Failure(`the token is not accepted${said}`, {
      exitCode: exitCodes.unreachable,
      hint: "it may have expired, or be of another issuer or for another audience: get a new one, and for an issuer that is not the first one configured put /web/NAME behind the gateway's URL",
    });
  }
  if (answer.status === 403) {
    const off = clockOff(answer.clockAheadMs);
    return new Failure(`this identity may not call the gateway${said}`, {
      exitCode: exitCodes.unreachable,
      hint:
        off ??
        "check the AWS profile and the region, and that the profile may call execute-api:Invoke there; `sallyport whoami` shows when it works",
    });
  }
  if (answer.status >= 500 || answer.status === 429) {
    return new Failure(`the gateway does not answer (HTTP ${answer.status})${said}`, {
      exitCode: exitCodes.unreachable,
    });
  }
  return new Failure(`what answered is no sallyport gateway (HTTP ${answer.status})${said}`, {
    hint: "check the URL with `sallyport configure URL`",
  });
}

/** What to do where the clock alone explains a refused signature. */
function clockOff(aheadMs: number): string | undefined {
  const off = Math.abs(aheadMs);
  if (off < SIGNED_WITHIN_MS - CLOSE_MS) return undefined;
  const minutes = Math.round(off / 60_000);
  const how = minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
  return `this machine's clock is ${how} ${aheadMs > 0 ? "ahead of" : "behind"} the gateway's, and AWS takes signatures of 5 minutes at most: set it (timedatectl set-ntp true), then try again`;
}
