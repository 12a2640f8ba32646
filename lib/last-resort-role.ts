import { CfnRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { lastResortRole } from "../core/last-resort-role.ts";
import { regionsOf } from "../core/roles.ts";
import { acknowledge, INLINE_POLICY } from "./acknowledge.ts";
import { clustersIn, partitionOf, placesOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";

export interface LastResortRoleProps {
  configuration: DeploymentConfiguration;
  /** The account it is made in, once, in whichever of its regions. */
  account: string;
  /** Who may assume it. */
  principals: string[];
}

/** IAM allows no shorter longest session. */
const ONE_HOUR_SECONDS = 3_600;

/** The role of core/last-resort-role.ts in one account, as it is written there. */
export class LastResortRole extends Construct {
  constructor(scope: Construct, id: string, props: LastResortRoleProps) {
    super(scope, id);
    const { configuration, account, principals } = props;
    const partition = partitionOf(configuration.clusters);
    const clusters = clustersIn(account, configuration.clusters);
    const { name, path, trust, permissions } = lastResortRole({
      partition,
      account,
      clusters,
      principals,
      watchedRegions: watchedRegions(configuration, account),
    });
    const role = new CfnRole(this, "Role", {
      roleName: name,
      path,
      assumeRolePolicyDocument: trust,
      maxSessionDuration: ONE_HOUR_SECONDS,
      policies: [{ policyName: "last-resort", policyDocument: permissions }],
    });
    acknowledge(role, {
      ...INLINE_POLICY,
      "AwsSolutions-IAM5[Resource::*]":
        "Of services and tasks a condition names the clusters; a list has no other resource.",
    });
    for (const region of regionsOf(clusters)) {
      const ecs = `arn:${partition}:ecs:${region}:${account}`;
      const named = "A condition names the clusters, in which tasks come and go.";
      acknowledge(role, {
        [`AwsSolutions-IAM5[Resource::${ecs}:cluster/*]`]: named,
        [`AwsSolutions-IAM5[Resource::${ecs}:task/*]`]: named,
        [`AwsSolutions-IAM5[Resource::arn:${partition}:ssm:${region}:${account}:session/ecs-execute-command-*]`]:
          "A session's id is not known before it is begun; these are those that ECS Exec begins, and no others.",
        [`AwsSolutions-IAM5[Resource::arn:${partition}:kms:${region}:${account}:key/*]`]:
          "The key is the cluster's own; a condition names the clusters, and sessions of ECS Exec.",
      });
    }
  }
}

/** The regions of an account that have a stack of ours, and in it a `LastResortAlarm`. */
function watchedRegions(configuration: DeploymentConfiguration, account: string): string[] {
  return placesOf(configuration)
    .filter((place) => place.account === account)
    .map(({ region }) => region);
}
