import { CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import {
  endRole,
  execRole,
  readRole,
  regionsOf,
  type TargetRole,
  type TargetRolesConfiguration,
} from "../core/roles.ts";
import { acknowledge, INLINE_POLICY } from "./acknowledge.ts";
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
  const { home, network, mayStopTasks, deepPreflight } = deployment;
  return {
    partition,
    account,
    clusters,
    functionRoleArns: functionRoleArns(partition, home.account),
    mayStopTasks,
    deepPreflight,
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
    const { configuration } = props;
    acknowledge(this, INLINE_POLICY);
    const read = this.role("Read", readRole(configuration));
    acknowledge(read, {
      "AwsSolutions-IAM5[Resource::*]":
        "Of services and tasks a condition names the clusters, of networks their regions; for task definitions IAM knows neither.",
    });
    if (configuration.deepPreflight === true) {
      acknowledge(read, {
        [`AwsSolutions-IAM5[Resource::arn:${configuration.partition}:iam::${configuration.account}:role/*]`]:
          "Which role a task runs as, its definition says; what is asked of one shows what it may do, and changes nothing.",
      });
    }
    this.role("Exec", execRole(configuration));
    const { partition, account, clusters, mayStopTasks } = configuration;
    const end = this.role("End", endRole(configuration));
    acknowledge(end, {
      "AwsSolutions-IAM5[Resource::*]": "IAM knows no resource for DescribeSessions.",
    });
    for (const region of regionsOf(clusters)) {
      acknowledge(end, {
        [`AwsSolutions-IAM5[Resource::arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*]`]:
          "A session's id is not known before it is begun; these are those that ECS Exec begins, and no others.",
      });
    }
    for (const cluster of mayStopTasks === true ? clusters : []) {
      acknowledge(end, {
        [`AwsSolutions-IAM5[Resource::${cluster.replace(":cluster/", ":task/")}/*]`]:
          "Tasks of the configured clusters, which come and go.",
      });
    }
  }

  private role(id: string, role: TargetRole): CfnRole {
    return new CfnRole(this, id, {
      roleName: role.name,
      path: role.path,
      assumeRolePolicyDocument: role.trust,
      maxSessionDuration: ONE_HOUR_SECONDS,
      policies: [{ policyName: "gateway", policyDocument: role.permissions }],
    });
  }
}
