/** Exit statuses. Permanent: scripts switch on them. 126 and above are the shell's. */
export const exitCodes = {
  ended: 0,
  /** Anything else that failed, or did not verify. */
  failed: 1,
  usage: 2,
  /** By a rule or by preflight: asking again changes nothing. */
  refused: 120,
  /** By a person. */
  denied: 121,
  /** Lapsed, or still waiting for decisions. */
  waiting: 122,
  /** Somebody or something else ended it: revoked, expired, locked. */
  cut: 123,
  /** The gateway cannot be reached, or does not know the caller. */
  unreachable: 124,
  /** A command may be running, and nobody can say. */
  unknown: 125,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byProblemCode = new Map<string, ExitCode>([
  ["refused_by_rule", exitCodes.refused],
  ["not_permitted", exitCodes.refused],
  ["self_approval", exitCodes.refused],
  ["preflight_failed", exitCodes.refused],
  ["locked", exitCodes.refused],
  ["exec_not_enabled", exitCodes.refused],
  ["agent_not_running", exitCodes.refused],
  ["not_approved", exitCodes.waiting],
  ["not_started", exitCodes.waiting],
  ["identity_refused", exitCodes.unreachable],
  ["identity_unmapped", exitCodes.unreachable],
  ["groups_unknown", exitCodes.unreachable],
  ["groups_unavailable", exitCodes.unreachable],
  ["token_invalid", exitCodes.unreachable],
  ["token_expired", exitCodes.unreachable],
  ["sign_in_again", exitCodes.unreachable],
  ["issuer_unavailable", exitCodes.unreachable],
  ["outcome_unknown", exitCodes.unknown],
]);

/** The exit status for a problem's `code`. One that a newer gateway may have just failed. */
export function exitCodeOf(problemCode: string): ExitCode {
  return byProblemCode.get(problemCode) ?? exitCodes.failed;
}
