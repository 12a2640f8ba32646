import type { Clock } from "../core/clock.ts";
import { SallyportError } from "../core/errors.ts";
import { assumeRole } from "./assume-role.ts";
import type { AwsSettings, CredentialSource } from "./aws-client.ts";
import { keptCredentials } from "./role-credentials.ts";

export interface ReadRoleSettings {
  aws: AwsSettings;
  clock: Pick<Clock, "now">;
  /** ARN of `sallyport-read` by account. */
  roleArns: { readonly [account: string]: string };
  /** What CloudTrail shows as the session: which function looked. */
  roleSessionName: string;
}

/** A role assumed with a role's credentials lasts no longer than this. */
const ROLE_SECONDS = 3_600;

/** `sallyport-read` by account: one role session each, an account's only as that account's role. */
export interface ReadRole {
  /** Throws `gateway_credentials` where none is configured for the account. */
  credentialsFor(account: string): CredentialSource;
  /** Once AWS has refused them: the next call assumes the role anew. */
  forget(account: string): void;
}

export function readRoleSessions(settings: ReadRoleSettings): ReadRole {
  const { aws, clock, roleArns, roleSessionName } = settings;
  const assume = assumeRole(aws);
  const credentials = new Map<string, CredentialSource>();
  return {
    credentialsFor(account) {
      const known = credentials.get(account);
      if (known !== undefined) return known;
      const roleArn = roleArns[account];
      if (roleArn === undefined) {
        throw new SallyportError(
          "gateway_credentials",
          `no role is configured for the account ${account}`,
        );
      }
      const source = keptCredentials(
        () => assume({ roleArn, roleSessionName, durationSeconds: ROLE_SECONDS }),
        clock,
      );
      credentials.set(account, source);
      return source;
    },
    forget: (account) => void credentials.delete(account),
  };
}
