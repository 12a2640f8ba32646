import type { ErrorCode } from "../core/errors.ts";

export interface Problem {
  /** HTTP status. */
  status: number;
  /** Constant text; what happened this time stands in `detail`. */
  title: string;
  /** Whether the same call may succeed later, unchanged. */
  retryable: boolean;
  /** What to do, where that is the same each time: an error that knows more says it itself. */
  hint?: string;
}

/** What each code looks like on the wire. A code without a row does not compile. */
export const problems = {
  body_invalid: {
    status: 400,
    title: "The body cannot be read",
    retryable: false,
    hint: "GET /v1/openapi.json says what each route takes",
  },
  body_too_large: {
    status: 413,
    title: "The body is too large",
    retryable: false,
    hint: "send less at once",
  },
  query_invalid: {
    status: 400,
    title: "The query cannot be read",
    retryable: false,
    hint: "GET /v1/openapi.json says what each list takes; a cursor goes with the query of the page it came with",
  },
  command_invalid: {
    status: 400,
    title: "The command cannot be run",
    retryable: false,
    hint: "nothing was asked: mend the command, and ask again",
  },
  secret_in_command: {
    status: 400,
    title: "The command seems to carry a secret",
    retryable: false,
  },
  cluster_invalid: { status: 400, title: "That is no cluster name or ARN", retryable: false },
  target_invalid: { status: 400, title: "That is no target", retryable: false },
  interactive_required: { status: 400, title: "ECS Exec is always interactive", retryable: false },
  not_supported: {
    status: 400,
    title: "This gateway does not do that yet",
    retryable: false,
    hint: "leave it out",
  },
  idempotency_conflict: {
    status: 422,
    title: "This key was used with another body",
    retryable: false,
  },
  identity_refused: {
    status: 403,
    title: "This kind of identity is refused",
    retryable: false,
    hint: "call as a user, or with a role's session",
  },
  identity_unmapped: {
    status: 403,
    title: "The directory does not know this identity",
    retryable: false,
  },
  groups_unknown: { status: 403, title: "Your groups are not known", retryable: false },
  groups_unavailable: {
    status: 503,
    title: "Your groups cannot be looked up",
    retryable: true,
  },
  token_invalid: { status: 401, title: "The token is not accepted", retryable: false },
  token_expired: { status: 401, title: "The token has expired", retryable: false },
  sign_in_again: { status: 401, title: "You signed in too long ago for this", retryable: false },
  issuer_unavailable: {
    status: 503,
    title: "The issuer's keys cannot be read",
    retryable: true,
  },
  not_permitted: { status: 403, title: "No rule lets you do that", retryable: false },
  self_approval: { status: 403, title: "Nobody approves their own request", retryable: false },
  rate_limited: { status: 429, title: "Too many calls in one minute", retryable: true },
  out_of_turn: { status: 409, title: "Others have to agree first", retryable: true },
  route_not_found: {
    status: 404,
    title: "No such route",
    retryable: false,
    hint: "GET /v1/openapi.json lists the routes",
  },
  request_not_found: { status: 404, title: "No such request", retryable: false },
  session_not_found: { status: 404, title: "No such session", retryable: false },
  not_on_record: { status: 404, title: "The record holds no such thing", retryable: false },
  cluster_not_found: { status: 404, title: "No such cluster", retryable: false },
  service_not_found: { status: 404, title: "No such service", retryable: false },
  task_not_found: { status: 400, title: "No such task", retryable: false },
  task_not_running: { status: 400, title: "The task is not running", retryable: false },
  container_required: { status: 400, title: "Say which container", retryable: false },
  container_unknown: { status: 400, title: "No such container", retryable: false },
  refused_by_rule: { status: 403, title: "No rule allows this", retryable: false },
  preflight_failed: { status: 409, title: "ECS Exec would fail there", retryable: false },
  not_approved: { status: 409, title: "Not approved yet", retryable: true },
  not_started: { status: 409, title: "Its time has not come", retryable: true },
  request_closed: { status: 409, title: "The request is closed", retryable: false },
  digest_stale: { status: 409, title: "The card has changed", retryable: false },
  session_already_opened: {
    status: 409,
    title: "The session was opened already",
    retryable: false,
  },
  not_replaceable: { status: 409, title: "That session is not replaced", retryable: false },
  end_unverified: { status: 409, title: "The session may be going on", retryable: true },
  target_changed: { status: 409, title: "The approved target is gone", retryable: false },
  container_in_use: {
    status: 409,
    title: "Somebody is in that container",
    retryable: true,
  },
  too_many_sessions: { status: 409, title: "You are in too many containers", retryable: true },
  locked: { status: 423, title: "It is locked", retryable: true },
  lock_not_found: { status: 404, title: "No such lock", retryable: false },
  too_many_locks: { status: 409, title: "Too many locks stand", retryable: false },
  chain_full: { status: 409, title: "The request has too many events", retryable: false },
  break_glass_limit: {
    status: 429,
    title: "You have broken the glass too often today",
    retryable: true,
  },
  review_not_owed: { status: 409, title: "No review is owed", retryable: false },
  exec_not_enabled: { status: 409, title: "ECS Exec is not enabled on the task", retryable: false },
  agent_not_running: { status: 409, title: "The exec agent is not running", retryable: true },
  target_not_connected: { status: 409, title: "The exec agent does not answer", retryable: true },
  aws_denied_gateway: {
    status: 403,
    title: "AWS refused the gateway's role, not you",
    retryable: false,
  },
  aws_client_error: { status: 400, title: "AWS refused the call", retryable: false },
  aws_invalid_parameter: { status: 400, title: "AWS refused a parameter", retryable: false },
  throttled: { status: 429, title: "AWS is throttling", retryable: true },
  gateway_credentials: {
    status: 503,
    title: "The gateway cannot act in that account",
    retryable: true,
    hint: "whoever operates the gateway has to look at its roles in that account and at their trust",
  },
  outcome_unknown: {
    status: 502,
    title: "It is unknown whether the command started",
    retryable: false,
  },
  exec_response_mismatch: { status: 502, title: "ECS opened something else", retryable: false },
  activation_invalid: { status: 400, title: "This set cannot be activated", retryable: false },
  not_activated: { status: 503, title: "No rules are in force", retryable: true },
  sealed: {
    status: 503,
    title: "This record is not for this version or table",
    retryable: false,
    hint: "whoever operates the gateway has to look: a later version may have written it",
  },
  record_conflict: {
    status: 503,
    title: "Too many others are writing",
    retryable: true,
    hint: "send it again, with the same Idempotency-Key: what was written after all is found",
  },
  record_unavailable: {
    status: 503,
    title: "The record cannot be reached",
    retryable: true,
    hint: "send it again, with the same Idempotency-Key: it happens once",
  },
  limits_unavailable: {
    status: 503,
    title: "The limits cannot be counted",
    retryable: true,
    hint: "nothing was done: send it again",
  },
  record_corrupt: {
    status: 500,
    title: "The record does not verify",
    retryable: false,
    hint: "nothing is decided on it: whoever operates the gateway has to export the record and verify it, `sallyport audit verify FILE`",
  },
  event_too_large: { status: 400, title: "Too large for the record", retryable: false },
  internal: {
    status: 500,
    title: "The gateway failed",
    retryable: false,
    hint: "the log has the cause, under the `instance` of this answer",
  },
} as const satisfies Record<ErrorCode, Problem>;

/** An RFC 9457 problem document, with our permanent `code`. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  /** API Gateway's request id: what to quote when asking for help. */
  instance?: string;
  retryable: boolean;
  hint?: string;
  issues?: { pointer: string; detail: string }[];
  aws?: { error: string; message: string };
  [member: string]: unknown;
}

/** The URI that stands for a code. It names, and need not resolve. */
export function problemType(code: ErrorCode): string {
  return `urn:sallyport:problem:${code}`;
}
