import type { Policy } from "./iam/policy.ts";

/** Who signed a request, and everything IAM knows of them. */
export interface Principal {
  accessKeyId: string;
  /** A user, or an assumed-role session. */
  arn: string;
  userId: string;
  account: string;
  /** The role behind a session; absent for a user. */
  roleArn?: string;
  policies: Policy[];
  /** Handed to AssumeRole: what the role allows and this does not is not allowed. */
  sessionPolicy?: Policy;
  tags: { readonly [key: string]: string };
  sourceIdentity?: string;
  /** Since when these keys are there, in epoch milliseconds. */
  since: number;
  /** Epoch milliseconds; absent for long-term keys. */
  expiresAt?: number;
}
