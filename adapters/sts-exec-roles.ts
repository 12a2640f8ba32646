import {
  ECSClient,
  ExecuteCommandCommand,
  type ExecuteCommandCommandOutput,
} from "@aws-sdk/client-ecs";
import type { Clock } from "../core/clock.ts";
import { SallyportError } from "../core/errors.ts";
import { execTags } from "../core/exec-tags.ts";
import type {
  ExecGrant,
  ExecInput,
  ExecOutcome,
  ExecRole,
  ExecRoles,
} from "../core/execute-command.ts";
import { execSessionPolicy } from "../core/session-policies.ts";
import { assumeRole, SHORTEST_SESSION_SECONDS } from "./assume-role.ts";
import {
  type AwsCredentials,
  type AwsSettings,
  clientConfiguration,
  within,
} from "./aws-client.ts";
import { execFailure } from "./aws-error.ts";

export interface ExecRolesSettings {
  aws: AwsSettings;
  clock: Pick<Clock, "now">;
  /** ARN of `sallyport-exec` by account. An account's role comes from here, never from a caller. */
  roleArns: { readonly [account: string]: string };
}

/**
 * `sallyport-exec` by STS: one assumption for one container of one attempt. Its credentials live in the
 * returned object and nowhere else.
 */
export function stsExecRoles({ aws, clock, roleArns }: ExecRolesSettings): ExecRoles {
  const assume = assumeRole(aws);
  return {
    async assume(grant: ExecGrant): Promise<ExecRole> {
      const roleArn = roleArns[grant.place.account];
      if (roleArn === undefined) {
        throw new SallyportError(
          "gateway_credentials",
          `no role is configured for the account ${grant.place.account}`,
        );
      }
      const credentials = await assume({
        roleArn,
        roleSessionName: grant.roleSessionName,
        sourceIdentity: grant.sourceIdentity,
        tags: execTags(grant),
        policy: execSessionPolicy(grant),
        durationSeconds: SHORTEST_SESSION_SECONDS,
      });
      return {
        executeCommand: (input, deadlineMs) =>
          sendOnce(aws, grant.place.region, credentials, input, deadlineMs - clock.now()),
      };
    },
  };
}

/**
 * ExecuteCommand starts a command as root and takes no token by which a repeat would be known for one.
 * So it goes out once: one attempt by the SDK, by a client of its own and so on a new connection. On a kept
 * one, its having been closed while idle could not be told from the loss of an answer.
 */
async function sendOnce(
  aws: AwsSettings,
  region: string,
  credentials: AwsCredentials,
  input: ExecInput,
  leftMs: number,
): Promise<ExecOutcome> {
  const client = new ECSClient(
    clientConfiguration(aws, "ecs", {
      region,
      credentials: async () => credentials,
      maxAttempts: 1,
    }),
  );
  try {
    const answer = await client.send(
      new ExecuteCommandCommand({
        cluster: input.clusterArn,
        task: input.taskArn,
        container: input.container,
        command: input.command,
        interactive: true,
      }),
      within(leftMs),
    );
    return execAnswer(answer);
  } catch (error) {
    return execFailure(error);
  } finally {
    client.destroy();
  }
}

/**
 * ECS's answer, unchanged. One that names no session cannot be ended or handed over, so what it started
 * is unknown. Any other member that is missing or of another type is left empty: whoever compares the
 * answer with what was asked sees it, and still has the session's id to end it by.
 */
export function execAnswer(answer: Omit<ExecuteCommandCommandOutput, "$metadata">): ExecOutcome {
  const { session } = answer;
  const sessionId = text(session?.sessionId);
  if (session === undefined || sessionId === "") {
    return { kind: "unknown", why: "the answer names no session", mismatch: true };
  }
  return {
    kind: "opened",
    response: {
      clusterArn: text(answer.clusterArn),
      containerArn: text(answer.containerArn),
      containerName: text(answer.containerName),
      interactive: answer.interactive === true,
      session: {
        sessionId,
        streamUrl: text(session.streamUrl),
        tokenValue: text(session.tokenValue),
      },
      taskArn: text(answer.taskArn),
    },
  };
}

/** The SDK passes on whatever type stood in the answer. */
function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
