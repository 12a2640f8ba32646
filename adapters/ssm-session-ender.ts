import { SSMClient, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import type { SessionEnder } from "../core/execute-command.ts";
import { endSessionPolicy } from "../core/session-policies.ts";
import { within } from "./aws-client.ts";
import { asEndRole, type EndRoleSettings } from "./end-role.ts";

export interface SessionEnderSettings extends EndRoleSettings {
  partition: string;
}

const DEADLINE_MS = 8_000;

/**
 * TerminateSession as `sallyport-end`, assumed for this one session. Ending twice ends once, so the SDK
 * may repeat the call. Whether anything has ended is for whoever asks SSM again, and even then SSM's opinion.
 */
export function ssmSessionEnder({ partition, ...settings }: SessionEnderSettings): SessionEnder {
  const act = asEndRole(settings);
  return {
    async terminate(place, sessionId) {
      try {
        const command = new TerminateSessionCommand({ SessionId: sessionId });
        const session = {
          service: "ssm",
          roleSessionName: endSessionName(sessionId),
          policy: endSessionPolicy(partition, place, sessionId),
          client: SSMClient,
        } as const;
        await act(place, session, (client) => client.send(command, within(DEADLINE_MS)));
        return "accepted";
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
