import { AwsError } from "../aws-error.ts";
import { textsOf } from "../input.ts";
import type { Operation } from "../world.ts";
import { demandEc2 } from "./authorize-ec2.ts";

/** DescribeSubnets by id. One that is shared from another account is shown with its owner. */
export const describeSubnets: Operation = (world, principal, input) => {
  demandEc2(world, principal, "ec2:DescribeSubnets");
  const ids = textsOf(input, "SubnetId") ?? [];
  const { subnets } = world.fleet.network;
  const found = ids.map((id) => {
    const subnet = subnets.find((one) => one.id === id);
    if (subnet === undefined) {
      throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
    }
    return subnet;
  });
  return {
    subnetSet: found.map(({ id, vpcId, ownerId }) => ({
      subnetId: id,
      vpcId,
      ownerId: ownerId ?? world.account,
      state: "available",
    })),
  };
};
