import { CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import {
  endRole,
  execRole,
  readRole,
  type TargetRole,
  type TargetRolesConfiguration,
} from "../core/roles.ts";
import { partitionOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { functionRoleArns } from "./gateway-function.ts";

export interface TargetRolesProps {
  configuration: TargetRolesConfiguration;
}

/** What a deployment's roles are in one account: who may assume them, from where, and for which clusters. */
export function targetRolesConfiguration(
  deployment: DeploymentConfiguration,
  { account, clusters }: { account: string; clusters: string[] },
): TargetRolesConfiguration {
  const partition = partitionOf(deployment.clusters);
  const { home, network, mayStopTasks } = deployment;
  return {
    partition,
    account,
    clusters,
    functionRoleArns: functionRoleArns(partition, home.account),
    mayStopTasks,
    ...(network === undefined ? {} : { stsEndpointId: network.stsEndpointId }),
  };
}

/** IAM allows no shorter longest session. */
const ONE_HOUR_SECONDS = 3_600;

/**
 * The three roles of a target account, as core/roles.ts writes them: the documents go into the template
 * member by member, so that what is deployed is what the tests and the emulator judge.
 */
export class TargetRoles extends Construct {
  constructor(scope: Construct, id: string, props: TargetRolesProps) {
    super(scope, id);
    this.role("Read", readRole(props.configuration));
    this.role("Exec", execRole(props.configuration));
    this.role("End", endRole(props.configuration));
  }

  private role(id: string, role: TargetRole): void {
    new CfnRole(this, id, {
      roleName: role.name,
      path: role.path,
      assumeRolePolicyDocument: role.trust,
      maxSessionDuration: ONE_HOUR_SECONDS,
      policies: [{ policyName: "gateway", policyDocument: role.permissions }],
    });
  }
}
