import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { PolicyDocument } from "../core/policy-document.ts";
import {
  type AwsCredentials,
  type AwsSettings,
  clientConfiguration,
  within,
} from "./aws-client.ts";
import { assumeFailure } from "./aws-error.ts";

/** What a role is assumed as. The names of its members are STS's. */
interface RoleSession {
  roleArn: string;
  roleSessionName: string;
  durationSeconds: number;
  policy?: PolicyDocument;
  sourceIdentity?: string;
  tags?: { [key: string]: string };
}

export type AssumeRole = (session: RoleSession) => Promise<Required<AwsCredentials>>;

/** STS gives no shorter session. */
export const SHORTEST_SESSION_SECONDS = 900;

const DEADLINE_MS = 6_000;

/**
 * AssumeRole with the function's own credentials. Repeating it starts nothing, so the SDK may. Throws
 * `throttled` or `gateway_credentials`, also for an answer without credentials.
 */
export function assumeRole(settings: AwsSettings): AssumeRole {
  const client = new STSClient(
    clientConfiguration(settings, "sts", {
      region: settings.homeRegion,
      maxAttempts: 3,
    }),
  );
  return async (session) => {
    const { roleArn, policy, sourceIdentity, tags } = session;
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: session.roleSessionName,
      DurationSeconds: session.durationSeconds,
      ...(policy === undefined ? {} : { Policy: JSON.stringify(policy) }),
      ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
      ...(tags === undefined
        ? {}
        : { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    });
    try {
      const { Credentials: given } = await client.send(command, within(DEADLINE_MS));
      if (
        given?.AccessKeyId === undefined ||
        given.SecretAccessKey === undefined ||
        given.SessionToken === undefined ||
        given.Expiration === undefined
      ) {
        throw new TypeError("no credentials in the answer");
      }
      return {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        sessionToken: given.SessionToken,
        expiration: given.Expiration,
      };
    } catch (error) {
      throw assumeFailure(error, roleArn);
    }
  };
}
