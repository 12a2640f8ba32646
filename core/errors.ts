/**
 * Every code a person, a script or a test may switch on. Codes are permanent: one may be added, none
 * renamed. What each means and what to do about it stands in docs/errors.md, which a check keeps equal
 * to this list; the HTTP status of each stands in api/problems.ts, which does not compile without it.
 */
export const errorCodes = [
  // the request cannot be read
  "body_invalid",
  "body_too_large",
  "query_invalid",
  "command_invalid",
  "secret_in_command",
  "cluster_invalid",
  "target_invalid",
  "interactive_required",
  "not_supported",
  "idempotency_conflict",
  // who is asking
  "identity_refused",
  "identity_unmapped",
  "groups_unknown",
  "groups_unavailable",
  "token_invalid",
  "token_expired",
  "sign_in_again",
  "issuer_unavailable",
  "not_permitted",
  "self_approval",
  "rate_limited",
  "out_of_turn",
  // what is asked for
  "route_not_found",
  "request_not_found",
  "session_not_found",
  "not_on_record",
  "cluster_not_found",
  "service_not_found",
  "task_not_found",
  "task_not_running",
  "container_required",
  "container_unknown",
  "refused_by_rule",
  "preflight_failed",
  // where the request stands
  "not_approved",
  "not_started",
  "request_closed",
  "digest_stale",
  "session_already_opened",
  "not_replaceable",
  "end_unverified",
  "target_changed",
  "container_in_use",
  "too_many_sessions",
  "locked",
  "chain_full",
  "break_glass_limit",
  "review_not_owed",
  // what is locked
  "lock_not_found",
  "too_many_locks",
  // what AWS answered
  "exec_not_enabled",
  "agent_not_running",
  "target_not_connected",
  "aws_denied_gateway",
  "aws_client_error",
  "aws_invalid_parameter",
  "throttled",
  "gateway_credentials",
  "outcome_unknown",
  "exec_response_mismatch",
  // the rules and the record
  "activation_invalid",
  "not_activated",
  "sealed",
  "record_conflict",
  "record_unavailable",
  "limits_unavailable",
  "record_corrupt",
  "event_too_large",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One thing that is wrong with an input: where (a JSON pointer), and what. */
export interface Issue {
  pointer: string;
  detail: string;
}

/** What an error may carry besides its text. Shown to the caller as it is: never a secret. */
export interface ErrorDetails {
  /** What to do now, in words a person can follow. */
  hint?: string;
  issues?: Issue[];
  /** The AWS error behind it, by AWS's own name. */
  aws?: { error: string; message: string };
  retryAfterSeconds?: number;
  /** Further members of the problem document, such as `problems` or `sessionId`. */
  members?: { [name: string]: unknown };
}

/**
 * The one error class of the gateway. `message` is safe to show; whatever is not goes into `cause`,
 * which is logged and never sent. An operation that could be carried out and whose answer is "no" is a
 * value in the core and becomes one of these only at the wire.
 */
export class SallyportError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "SallyportError";
    this.code = code;
    this.details = details;
  }
}
