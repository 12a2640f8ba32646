import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Findings of cdk-nag in a construct, and in what is under it, that stand: each by its exact id, with the reason why.
 * test/lib/nag.test.ts finds those that are not acknowledged, and acknowledgements of what is not found.
 */
export function acknowledge(construct: IConstruct, reasons: { [finding: string]: string }): void {
  const all = Object.entries(reasons).map(([id, reason]) => ({ id, reason }));
  Validations.of(construct).acknowledge(...all);
}

/** Logs where no key of the account's own was configured. */
export const LOGS_BY_AWS_KEY = {
  "NIST.800.53.R5-CloudWatchLogGroupEncrypted":
    "CloudWatch encrypts them by a key of AWS's; `ownKeys` puts the account's own in its place.",
};

/** A role's policy that lives and ends with it, and that nobody can attach to another. */
export const INLINE_POLICY = {
  "NIST.800.53.R5-IAMNoInlinePolicy":
    "Each policy belongs to one role: it is read beside it, cannot be attached to another, and no version of it is kept to go back to.",
};
