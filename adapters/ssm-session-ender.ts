import { SSMClient, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import type { Place } from "../core/containers.ts";
import type { SessionEnder } from "../core/execute-command.ts";
import { endSessionPolicy } from "../core/session-policies.ts";
import { assumeRole, SHORTEST_SESSION_SECONDS } from "./assume-role.ts";
import { type AwsSettings, clientConfiguration, within } from "./aws-client.ts";

export interface SessionEnderSettings {
  aws: AwsSettings;
  partition: string;
  /** ARN of `sallyport-end` by account. */
  roleArns: { readonly [account: string]: string };
}

const DEADLINE_MS = 8_000;

/**
 * TerminateSession as `sallyport-end`, assumed for this one session. Ending twice ends once, so the SDK
 * may repeat the call. Whether anything has ended is for whoever asks SSM again, and even then SSM's opinion.
 */
export function ssmSessionEnder({ aws, partition, roleArns }: SessionEnderSettings): SessionEnder {
  const assume = assumeRole(aws);
  return {
    async terminate(place: Place, sessionId: string) {
      const roleArn = roleArns[place.account];
      if (roleArn === undefined) return "failed";
      try {
        const credentials = await assume({
          roleArn,
          roleSessionName: endSessionName(sessionId),
          policy: endSessionPolicy(partition, place, sessionId),
          durationSeconds: SHORTEST_SESSION_SECONDS,
        });
        const client = new SSMClient(
          clientConfiguration(aws, "ssm", {
            region: place.region,
            credentials: async () => credentials,
            maxAttempts: 3,
          }),
        );
        try {
          await client.send(
            new TerminateSessionCommand({ SessionId: sessionId }),
            within(DEADLINE_MS),
          );
          return "accepted";
        } finally {
          client.destroy();
        }
      } catch {
        // The caller has recorded that it asked; what it does about a refusal is one and the same for all.
        return "failed";
      }
    },
  };
}

/** `end-…` with the end of the session's id, in the characters and length STS takes. */
export function endSessionName(sessionId: string): string {
  return `end-${sessionId.replaceAll(/[^A-Za-z0-9-]/g, "-").slice(-60)}`;
}
