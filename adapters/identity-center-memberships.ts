import {
  DescribeGroupCommand,
  GetUserIdCommand,
  IdentitystoreClient,
  ListGroupMembershipsForMemberCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-identitystore";
import type { Clock } from "../core/clock.ts";
import type { Memberships, ToldGroups } from "../core/group-source.ts";
import { type AwsSettings, clientConfiguration, within } from "./aws-client.ts";

export interface IdentityCenterSettings {
  identityStoreId: string;
  region: string;
  aws: AwsSettings;
  clock: Pick<Clock, "now">;
  /** Told of what AWS threw, for the log. */
  onFailure(error: unknown): void;
}

/** So old may be what is known of somebody's groups: somebody who left one is in it no longer than this. */
export const MEMBERSHIPS_KEPT_MS = 5 * 60_000;
const MOST_KEPT = 1_000;
const DEADLINE_MS = 5_000;
const PAGE = 100;
/** Each takes a call to be named; nobody is in so many that are in a directory of ours. */
const MOST_GROUPS = 200;
const AT_ONCE = 5;

/** Who is in which groups, by IAM Identity Center: users by their user name, groups by their display name. */
export function identityCenterMemberships(settings: IdentityCenterSettings): Memberships {
  const { identityStoreId: IdentityStoreId, clock } = settings;
  const client = new IdentitystoreClient(
    clientConfiguration(settings.aws, "identitystore", {
      region: settings.region,
      maxAttempts: 2,
    }),
  );
  const kept = new Map<string, { until: number; told: ToldGroups & { kind: "groups" } }>();

  async function look(userName: string, signal: { abortSignal: AbortSignal }): Promise<ToldGroups> {
    const asOf = clock.now();
    const user = await found(
      client.send(
        new GetUserIdCommand({
          IdentityStoreId,
          AlternateIdentifier: {
            UniqueAttribute: { AttributePath: "userName", AttributeValue: userName },
          },
        }),
        signal,
      ),
    );
    if (user?.UserId === undefined) {
      return { kind: "unknown", why: "IAM Identity Center has no user of that name" };
    }
    const ids: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new ListGroupMembershipsForMemberCommand({
          IdentityStoreId,
          MemberId: { UserId: user.UserId },
          MaxResults: PAGE,
          ...(NextToken === undefined ? {} : { NextToken }),
        }),
        signal,
      );
      ids.push(...(page.GroupMemberships ?? []).flatMap(({ GroupId }) => GroupId ?? []));
      if (ids.length > MOST_GROUPS) {
        return { kind: "unknown", why: `they are in more than ${MOST_GROUPS} groups` };
      }
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return { kind: "groups", groups: await named(ids, signal), asOf };
  }

  /** A group that was deleted meanwhile is none. */
  async function named(ids: string[], signal: { abortSignal: AbortSignal }): Promise<string[]> {
    const left = [...ids];
    const names: string[] = [];
    const worker = async (): Promise<void> => {
      for (let GroupId = left.pop(); GroupId !== undefined; GroupId = left.pop()) {
        const group = await found(
          client.send(new DescribeGroupCommand({ IdentityStoreId, GroupId }), signal),
        );
        if (group?.DisplayName !== undefined) names.push(group.DisplayName);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return names.toSorted();
  }

  return {
    async groupsOf(userName) {
      const known = kept.get(userName);
      if (known !== undefined && clock.now() < known.until) return known.told;
      kept.delete(userName);
      try {
        const told = await look(userName, within(DEADLINE_MS));
        if (told.kind === "groups") {
          kept.set(userName, { until: told.asOf + MEMBERSHIPS_KEPT_MS, told });
          const [oldest] = kept.keys();
          if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
        }
        return told;
      } catch (error) {
        settings.onFailure(error);
        return { kind: "unavailable", why: "IAM Identity Center does not answer" };
      }
    },
  };
}

/** What is there; undefined where AWS says that it is not. */
async function found<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
