import { DescribeSessionsCommand, type Session, SSMClient } from "@aws-sdk/client-ssm";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import type { Place } from "../core/containers.ts";
import type { SeenSession, SessionWatch } from "../core/execute-command.ts";
import { assumeRole, SHORTEST_SESSION_SECONDS } from "./assume-role.ts";
import { type AwsSettings, clientConfiguration, within } from "./aws-client.ts";

export interface SsmSessionsSettings {
  aws: AwsSettings;
  /** ARN of `sallyport-end` by account. */
  roleArns: { readonly [account: string]: string };
  /** Tells in CloudTrail who looked; the role's trust wants `end-` before it. */
  roleSessionName: `end-${string}`;
}

const DEADLINE_MS = 8_000;
const PAGE = 200;
/** Sessions that ECS Exec began; others are none of ours. */
const DOCUMENT = "AmazonECS-ExecuteInteractiveCommand";

/** DescribeSessions as `sallyport-end`. What SSM answers is SSM's opinion, and its history is of 30 days. */
export function ssmSessions({ aws, roleArns, roleSessionName }: SsmSessionsSettings): SessionWatch {
  const assume = assumeRole(aws);

  async function describe(
    place: Place,
    State: "Active" | "History",
    filter?: { key: "SessionId" | "Target" | "InvokedAfter"; value: string },
  ): Promise<SeenSession[]> {
    const roleArn = roleArns[place.account];
    if (roleArn === undefined) throw new Error(`no role for account ${place.account}`);
    const credentials = await assume({
      roleArn,
      roleSessionName,
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
      const found: SeenSession[] = [];
      let NextToken: string | undefined;
      do {
        const page = await client.send(
          new DescribeSessionsCommand({
            State,
            MaxResults: PAGE,
            ...(filter === undefined ? {} : { Filters: [filter] }),
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
          within(DEADLINE_MS),
        );
        found.push(...(page.Sessions ?? []).flatMap(seenSession));
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return found;
    } finally {
      client.destroy();
    }
  }

  return {
    async seen(place, sessionId) {
      const filter = { key: "SessionId", value: sessionId } as const;
      const [active] = await describe(place, "Active", filter);
      // One that ends between the two questions is in the second answer.
      return active ?? (await describe(place, "History", filter))[0];
    },
    goingOn: (place, target) =>
      describe(
        place,
        "Active",
        target === undefined ? undefined : { key: "Target", value: target },
      ),
    over: (place, begunAfter: EpochMillis) =>
      describe(place, "History", { key: "InvokedAfter", value: isoTime(begunAfter) }),
  };
}

function seenSession(session: Session): SeenSession[] {
  const { SessionId, Target = "", Status, DocumentName, EndDate } = session;
  if (SessionId === undefined || (DocumentName !== DOCUMENT && !Target.startsWith("ecs:")))
    return [];
  return [
    {
      sessionId: SessionId,
      target: Target,
      ...(Status === undefined ? {} : { status: Status }),
      over: Status === "Terminated" || Status === "Failed",
      endedAt: EndDate === undefined ? null : EndDate.getTime(),
    },
  ];
}
