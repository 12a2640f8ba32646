import type { ProblemDocument } from "../api/problems.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { Shown } from "./shown.ts";

export interface FailureDetails {
  /** 1 where it is not said. */
  exitCode?: ExitCode;
  /** What to do about it; several, where there are several things to do. */
  hint?: string | readonly string[];
  /** Where the gateway said it. */
  problem?: ProblemDocument;
  /** As Retry-After asks; 0 where it does not. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/**
 * The one error of the command line: what failed, in lower case and without a full stop, and how the
 * process exits. Its texts are unescaped, and the output escapes them; but for a message that is printable
 * text already, which `said` keeps as such, so that it is not escaped twice.
 */
export class Failure extends Error {
  readonly said: string | Shown;
  readonly exitCode: ExitCode;
  readonly hints: readonly string[];
  readonly problem?: ProblemDocument;
  readonly retryAfterSeconds: number;

  constructor(said: string | Shown, details: FailureDetails = {}) {
    super(
      typeof said === "string" ? said : said.shown,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.name = "Failure";
    this.said = said;
    this.exitCode = details.exitCode ?? exitCodes.failed;
    this.hints = [details.hint ?? []].flat();
    this.retryAfterSeconds = details.retryAfterSeconds ?? 0;
    if (details.problem !== undefined) this.problem = details.problem;
  }

  /** The same failure, with more to do about it. */
  withHints(...more: readonly string[]): Failure {
    return this.hinting([...this.hints, ...more]);
  }

  /** The same failure, with other things to do about it. */
  hinting(hint: readonly string[]): Failure {
    const { said, exitCode, problem, retryAfterSeconds } = this;
    return new Failure(said, {
      exitCode,
      hint,
      cause: this,
      retryAfterSeconds,
      ...(problem === undefined ? {} : { problem }),
    });
  }

  /** All of them in one line. */
  get hint(): string | undefined {
    return this.hints.length === 0 ? undefined : this.hints.join("; ");
  }
}

/** A command line that makes no sense: exit status 2. */
export function usage(message: string, hint?: string): Failure {
  return new Failure(message, {
    exitCode: exitCodes.usage,
    ...(hint === undefined ? {} : { hint }),
  });
}
