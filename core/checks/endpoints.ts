import type { Place, Task } from "../containers.ts";
import type { PreflightFinding } from "../kinds/asked.ts";
import type { Subnet, Told, VpcEndpoint } from "../surroundings.ts";
import { notChecked, passed, warning } from "./finding.ts";

const CHECK = "ssmmessages_endpoint";

/** The subnet to look at, or why there is none. */
export function subnetOf(task: Task): { subnetId: string } | { finding: PreflightFinding } {
  const [subnetId] = task.subnets ?? [];
  if (subnetId !== undefined) return { subnetId };
  return {
    finding: notChecked(
      CHECK,
      "the task has no network interface of its own: it is its instance that has to reach ssmmessages",
    ),
  };
}

/** The VPC of a subnet. One that another account shares shows none of its VPC's endpoints. */
export function vpcOf(
  place: Place,
  told: Told<Subnet>,
): { vpcId: string } | { finding: PreflightFinding } {
  if (told.kind === "not_told") {
    return { finding: notChecked(CHECK, `${told.why}; look at the VPC's endpoints`) };
  }
  const { ownerId, subnetId, vpcId } = told.value;
  if (ownerId === place.account) return { vpcId };
  return {
    finding: notChecked(
      CHECK,
      `the subnet ${subnetId} is shared by the account ${ownerId}, where alone its VPC's endpoints are shown; look there for one of ssmmessages`,
    ),
  };
}

/**
 * Whether the VPC has an endpoint of ssmmessages. Where it has others and not this one, it most likely has no way
 * to the internet either.
 */
export function endpointFinding(
  { region }: Place,
  vpcId: string,
  told: Told<VpcEndpoint[]>,
): PreflightFinding {
  if (told.kind === "not_told")
    return notChecked(CHECK, `${told.why}; look at the VPC's endpoints`);
  const interfaces = told.value.filter(({ kind }) => kind === "Interface");
  if (interfaces.length === 0) {
    return notChecked(
      CHECK,
      `the VPC ${vpcId} has no interface endpoints, so the task has to reach ssmmessages by the internet`,
    );
  }
  // In China the name begins with `cn.`.
  const own = interfaces.filter(({ serviceName }) =>
    serviceName.endsWith(`com.amazonaws.${region}.ssmmessages`),
  );
  const name = `com.amazonaws.${region}.ssmmessages`;
  if (own.length === 0) {
    return warning(
      CHECK,
      `the VPC ${vpcId} has interface endpoints and none of ${name}: add one, or see that the task reaches it by the internet`,
    );
  }
  const available = own.filter(({ state }) => state === "available");
  if (available.length === 0) {
    return warning(
      CHECK,
      `the endpoint of ${name} in ${vpcId} is ${own[0]?.state ?? ""}; wait, or add another`,
    );
  }
  if (!available.some(({ privateDns }) => privateDns)) {
    return warning(
      CHECK,
      `the endpoint of ${name} in ${vpcId} has private DNS names switched off, so that the agent does not find it: switch them on`,
    );
  }
  return passed(CHECK);
}
