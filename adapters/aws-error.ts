import { SallyportError } from "../core/errors.ts";
import type { ExecFailureCode, ExecOutcome } from "../core/execute-command.ts";

/** An error an AWS service answered with, by its own name; its text cut to what may be passed on. */
export interface AwsError {
  error: string;
  message: string;
  httpStatus: number;
}

const MESSAGE_LIMIT = 500;

/**
 * The error AWS answered with, or undefined when what failed was no such answer: a lost connection, a
 * time-out, an answer that could not be parsed. The SDK gives only the former a `$fault`.
 */
export function awsErrorOf(thrown: unknown): AwsError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { $fault, $metadata } = thrown as {
    $fault?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const httpStatus = $metadata?.httpStatusCode;
  if (($fault !== "client" && $fault !== "server") || typeof httpStatus !== "number")
    return undefined;
  return { error: cut(thrown.name, 100), message: cut(thrown.message, MESSAGE_LIMIT), httpStatus };
}

/**
 * What an error means for ExecuteCommand, by AWS's name for it. Only an answer in the 400s whose name is
 * on the list proves that nothing was started. Everything else may have started the command.
 */
export function execFailure(thrown: unknown): ExecOutcome {
  const answered = awsErrorOf(thrown);
  if (answered === undefined) return { kind: "unknown", why: withoutAnswer(thrown) };
  const { error, message, httpStatus } = answered;
  const code = httpStatus >= 400 && httpStatus < 500 ? failureCode(error, message) : undefined;
  return code === undefined
    ? { kind: "unknown", why: `${error}: ${message}`, aws: { error, message } }
    : { kind: "failed", code, aws: { error, message } };
}

function failureCode(error: string, message: string): ExecFailureCode | undefined {
  if (THROTTLING.has(error)) return "throttled";
  if (CREDENTIALS.has(error)) return "gateway_credentials";
  switch (error) {
    case "AccessDeniedException":
    case "AccessDenied":
    case "NotAuthorized":
      return "aws_denied_gateway";
    case "ClientException":
      return "aws_client_error";
    case "ClusterNotFoundException":
      return "cluster_not_found";
    case "TargetNotConnectedException":
      return "target_not_connected";
    case "InvalidParameterException":
      // One name for two things: exec was off when the task started, or its agent is not running.
      return message.includes("was not enabled when the task")
        ? "exec_not_enabled"
        : "aws_invalid_parameter";
    case "ValidationError":
    case "ValidationException":
      return "aws_invalid_parameter";
    default:
      return undefined;
  }
}

/**
 * A failed read, as what the gateway says of it: `throttled`, `gateway_credentials` when the role is
 * refused or its credentials are, `internal` otherwise.
 */
export function readFailure(thrown: unknown, operation: string): SallyportError {
  if (thrown instanceof SallyportError) return thrown;
  const cause = plainCause(thrown);
  const answered = awsErrorOf(thrown);
  if (answered !== undefined && THROTTLING.has(answered.error)) return throttled(answered, cause);
  if (answered !== undefined && (DENIED.has(answered.error) || CREDENTIALS.has(answered.error))) {
    return new SallyportError(
      "gateway_credentials",
      `AWS refused the gateway's own role at ${operation}, not you`,
      { hint: "an operator has to look at the role sallyport-read and at the configured clusters" },
      cause,
    );
  }
  return new SallyportError(
    "internal",
    `${operation} did not answer as expected`,
    { hint: "nothing was started; try again, and look at AWS's health dashboard if it lasts" },
    cause,
  );
}

/** Whether AWS refused the credentials themselves: kept ones are then good for nothing. */
export function credentialsRefused(thrown: unknown): boolean {
  return CREDENTIALS.has(awsErrorOf(thrown)?.error ?? "");
}

/** A failed AssumeRole: `throttled`, or `gateway_credentials` for whatever else. Nothing was started. */
export function assumeFailure(thrown: unknown, roleArn: string): SallyportError {
  if (thrown instanceof SallyportError) return thrown;
  const cause = plainCause(thrown);
  const answered = awsErrorOf(thrown);
  if (answered !== undefined && THROTTLING.has(answered.error)) return throttled(answered, cause);
  const role = roleArn.split("/").at(-1) ?? roleArn;
  return new SallyportError(
    "gateway_credentials",
    `the gateway could not assume its role ${role}`,
    { hint: "an operator has to look at that role's trust policy and at AWS STS" },
    cause,
  );
}

function throttled({ error, message }: AwsError, cause: Error): SallyportError {
  return new SallyportError(
    "throttled",
    "AWS asks for fewer calls; nothing was started",
    { retryAfterSeconds: 2, aws: { error, message }, hint: "try again in a moment" },
    cause,
  );
}

/**
 * An error that may be logged. The SDK's own carries the whole answer in a hidden member, and a parser's
 * quotes it in its text: a token could stand there. Only AWS's name and message are kept, or the name.
 */
function plainCause(thrown: unknown): Error {
  const answered = awsErrorOf(thrown);
  return new Error(
    answered === undefined ? withoutAnswer(thrown) : `${answered.error}: ${answered.message}`,
  );
}

function withoutAnswer(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "failed without an error";
  const { code } = thrown as { code?: unknown };
  const name = cut(typeof code === "string" ? `${thrown.name} ${code}` : thrown.name, 100);
  switch (thrown.name) {
    case "AbortError":
      return `no answer in time (${name})`;
    case "SyntaxError":
      return `the answer could not be read (${name})`;
    default:
      return `no answer (${name})`;
  }
}

/** What a reader's terminal might act on, or would not show: controls, and formatting such as bidi and zero-width. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * At most so many characters, with those that do not show as themselves as `\u{hex}`, and no half of a
 * pair: AWS's text may quote what somebody else typed, and goes into the record, an answer and a log.
 */
function cut(text: string, limit: number): string {
  return Array.from(text.toWellFormed())
    .slice(0, limit)
    .join("")
    .replaceAll(UNSEEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const THROTTLING = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
]);

/** The request was not accepted as the role's: credentials, signature, account. */
const CREDENTIALS = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "UnrecognizedClient",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "RequestExpired",
  "OptInRequired",
]);

const DENIED = new Set(["AccessDenied", "AccessDeniedException", "NotAuthorized"]);
