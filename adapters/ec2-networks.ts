import {
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import type { Networks, VpcEndpoint } from "../core/surroundings.ts";
import type { ReadRoleSettings } from "./read-role.ts";
import { asking } from "./told.ts";

const PAGE = 1_000;

/** EC2 as `sallyport-read` sees it. */
export function ec2Networks(settings: ReadRoleSettings): Networks {
  const ask = asking(settings, "ec2", (configuration) => new EC2Client(configuration));
  return {
    subnet: (place, subnetId) =>
      ask(place, "DescribeSubnets", async (client, limit) => {
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
    endpoints: (place, vpcId) =>
      ask(place, "DescribeVpcEndpoints", async (client, limit) => {
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
  };
}
