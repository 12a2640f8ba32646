import {
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { Place } from "../core/containers.ts";
import type { Networks, VpcEndpoint } from "../core/surroundings.ts";
import { clientConfiguration, within } from "./aws-client.ts";
import { type ReadRoleSettings, readRoleSessions } from "./read-role.ts";
import { told } from "./told.ts";

/** Somebody waits for what is asked besides. */
const DEADLINE_MS = 5_000;
const PAGE = 1_000;

/** EC2 as `sallyport-read` sees it. */
export function ec2Networks(settings: ReadRoleSettings): Networks {
  const role = readRoleSessions(settings);

  async function withClient<T>(
    { account, region }: Place,
    act: (client: EC2Client, limit: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const client = new EC2Client(
      clientConfiguration(settings.aws, "ec2", {
        region,
        credentials: role.credentialsFor(account),
        maxAttempts: 2,
      }),
    );
    try {
      return await act(client, within(DEADLINE_MS));
    } finally {
      client.destroy();
    }
  }

  return {
    subnet: (place, subnetId) =>
      told(role, place.account, "DescribeSubnets", () =>
        withClient(place, async (client, limit) => {
          const { Subnets = [] } = await client.send(
            new DescribeSubnetsCommand({ SubnetIds: [subnetId] }),
            limit,
          );
          const found = Subnets.find((subnet) => subnet.SubnetId === subnetId);
          const { VpcId: vpcId, OwnerId: ownerId } = found ?? {};
          return vpcId === undefined || ownerId === undefined
            ? undefined
            : { subnetId, vpcId, ownerId };
        }),
      ),
    endpoints: (place, vpcId) =>
      told(role, place.account, "DescribeVpcEndpoints", () =>
        withClient(place, async (client, limit) => {
          const found: VpcEndpoint[] = [];
          let next: { NextToken?: string } = {};
          for (;;) {
            const { VpcEndpoints = [], NextToken } = await client.send(
              new DescribeVpcEndpointsCommand({
                Filters: [{ Name: "vpc-id", Values: [vpcId] }],
                MaxResults: PAGE,
                ...next,
              }),
              limit,
            );
            for (const endpoint of VpcEndpoints) {
              found.push({
                serviceName: endpoint.ServiceName ?? "",
                kind: endpoint.VpcEndpointType ?? "",
                // EC2 writes it in both cases, by its version.
                state: (endpoint.State ?? "").toLowerCase(),
                privateDns: endpoint.PrivateDnsEnabled === true,
              });
            }
            if (NextToken === undefined || NextToken === "") return found;
            next = { NextToken };
          }
        }),
      ),
  };
}
