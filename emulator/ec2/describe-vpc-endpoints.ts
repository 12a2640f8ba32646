import { AwsError } from "../aws-error.ts";
import { objectsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEc2 } from "./authorize-ec2.ts";

/** DescribeVpcEndpoints of one VPC, all on one page. Other filters are refused: a list without them would be another. */
export const describeVpcEndpoints: Operation = (world, principal, input) => {
  demandEc2(world, principal, "ec2:DescribeVpcEndpoints");
  const [filter, ...others] = objectsOf(input, "Filter") ?? [];
  if (filter?.["Name"] !== "vpc-id" || others.length > 0) {
    throw new AwsError("InvalidParameterValue", "only the filter vpc-id is emulated");
  }
  const vpcs: unknown = filter["Value"];
  const found = world.fleet.network.endpoints.filter(
    ({ vpcId }) => Array.isArray(vpcs) && vpcs.includes(vpcId),
  );
  return {
    vpcEndpointSet: found.map(({ id, vpcId, serviceName, kind, state, privateDns }) => ({
      vpcEndpointId: id,
      vpcId,
      serviceName,
      vpcEndpointType: kind ?? "Interface",
      state: state ?? "available",
      privateDnsEnabled: privateDns ?? true,
    })),
  };
};
