import { DescribeSessionsCommand, type Session, SSMClient } from "@aws-sdk/client-ssm";
import { type EpochMillis, isoTime } from "../core/clock.ts";
import type { Place } from "../core/containers.ts";
import type { SeenSession, SessionWatch } from "../core/execute-command.ts";
import { within } from "./aws-client.ts";
import { asEndRole, type EndRoleSettings } from "./end-role.ts";

export interface SsmSessionsSettings extends EndRoleSettings {
  /** Tells in CloudTrail who looked; the role's trust wants `end-` before it. */
  roleSessionName: `end-${string}`;
}

const DEADLINE_MS = 8_000;
const PAGE = 200;
/** Sessions that ECS Exec began; others are none of ours. */
const DOCUMENT = "AmazonECS-ExecuteInteractiveCommand";

/** DescribeSessions as `sallyport-end`. What SSM answers is SSM's opinion, and its history is of 30 days. */
export function ssmSessions({ roleSessionName, ...settings }: SsmSessionsSettings): SessionWatch {
  const act = asEndRole(settings);

  function describe(
    place: Place,
    State: "Active" | "History",
    filter?: { key: "SessionId" | "Target" | "InvokedAfter"; value: string },
  ): Promise<SeenSession[]> {
    const session = { service: "ssm", roleSessionName, client: SSMClient } as const;
    return act(place, session, async (client) => {
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
    });
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
  const { SessionId, Target = "", Status, DocumentName, StartDate, EndDate } = session;
  if (SessionId === undefined || (DocumentName !== DOCUMENT && !Target.startsWith("ecs:")))
    return [];
  return [
    {
      sessionId: SessionId,
      target: Target,
      ...(Status === undefined ? {} : { status: Status }),
      over: Status === "Terminated" || Status === "Failed",
      begunAt: StartDate === undefined ? null : StartDate.getTime(),
      endedAt: EndDate === undefined ? null : EndDate.getTime(),
    },
  ];
}
