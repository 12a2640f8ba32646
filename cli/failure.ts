import type { ProblemDocument } from "../api/problems.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

export interface FailureDetails {
  /** 1 where it is not said. */
  exitCode?: ExitCode;
  /** What to do about it. */
  hint?: string;
  /** Where the gateway said it. */
  problem?: ProblemDocument;
  cause?: unknown;
}

/**
 * The one error of the command line: what failed, in lower case and without a full stop, and how the
 * process exits. Its texts are unescaped: the output escapes them.
 */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  readonly hint?: string;
  readonly problem?: ProblemDocument;

  constructor(message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "Failure";
    this.exitCode = details.exitCode ?? exitCodes.failed;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.problem !== undefined) this.problem = details.problem;
  }
}

/** A command line that makes no sense: exit status 2. */
export function usage(message: string, hint?: string): Failure {
  return new Failure(message, {
    exitCode: exitCodes.usage,
    ...(hint === undefined ? {} : { hint }),
  });
}
