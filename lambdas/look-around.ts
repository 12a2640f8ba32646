import { endpointFinding, subnetOf, vpcOf } from "../core/checks/endpoints.ts";
import { roleChecks, roleFinding, taskRoleOf } from "../core/checks/role-permissions.ts";
import { preferredTask } from "../core/choose-task.ts";
import { type Site, spotOf } from "../core/consider.ts";
import type { Place, Task } from "../core/containers.ts";
import type { PreflightFinding } from "../core/kinds/asked.ts";
import type { Networks, RolePermissions } from "../core/surroundings.ts";

/** Where a deployment looks beyond ECS. */
export interface Surroundings {
  permissions: RolePermissions;
  networks: Networks;
}

/**
 * What IAM and EC2 tell of the task that would be opened now: whether its role may do what the exec agent does, and
 * whether its VPC has an endpoint for it. Empty where no task runs. Never throws: what cannot be looked at is
 * `not_checked`.
 */
export async function lookAround(
  { permissions, networks }: Surroundings,
  partition: string,
  site: Site,
): Promise<PreflightFinding[]> {
  const task = preferredTask(site.tasks, site.container);
  if (task === undefined) return [];
  const { place } = site.target;
  const [role, network] = await Promise.all([
    ofRole(permissions, partition, site, task),
    ofNetwork(networks, place, task),
  ]);
  return [...role, network];
}

async function ofRole(
  permissions: RolePermissions,
  partition: string,
  site: Site,
  task: Task,
): Promise<PreflightFinding[]> {
  const { place } = site.target;
  const { definitions } = spotOf(site, task, site.container);
  const definition = definitions.find((one) => one.taskDefinitionArn === task.taskDefinitionArn);
  const roleArn = taskRoleOf(task, definition);
  // Whether it needs one is a check of its own.
  if (roleArn === undefined) return [];
  const checks = roleChecks(site.cluster, place, partition);
  const told =
    roleArn.split(":")[4] === place.account
      ? await permissions.simulate(
          place,
          roleArn,
          checks.flatMap(({ questions }) => questions),
        )
      : ({ kind: "not_told", why: "the task role is of another account" } as const);
  return checks.map((check) => roleFinding(check, roleArn, told));
}

async function ofNetwork(networks: Networks, place: Place, task: Task): Promise<PreflightFinding> {
  const at = subnetOf(task);
  if ("finding" in at) return at.finding;
  const vpc = vpcOf(place, await networks.subnet(place, at.subnetId));
  if ("finding" in vpc) return vpc.finding;
  return endpointFinding(place, vpc.vpcId, await networks.endpoints(place, vpc.vpcId));
}
