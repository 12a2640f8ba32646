import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { clustersIn, type DeploymentPlace, partitionOf, placesOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { busArn, Forwarding } from "./forwarding.ts";
import { addLastResort } from "./last-resort.ts";
import { TargetRoles, targetRolesConfiguration } from "./target-roles.ts";

export interface TargetAccountStackProps extends Omit<StackProps, "env"> {
  configuration: DeploymentConfiguration;
  /** The account and region it is deployed to: one of `targetPlaces`. */
  place: DeploymentPlace;
}

/** Where a `TargetAccountStack` has to stand: every account and region with clusters, but for the gateway's home. */
export function targetPlaces(configuration: DeploymentConfiguration): DeploymentPlace[] {
  return placesOf(configuration).slice(1);
}

/**
 * What the gateway needs in one region of an account that holds clusters: the forwarding of what CloudTrail sees
 * there and, in the first of an account's regions, the three roles, since IAM knows no regions, and the last resort
 * where one is configured. The roles of the home account are in the gateway's own stack.
 *
 * Deploy it after the gateway: IAM refuses a trust in roles that do not exist yet.
 */
export class TargetAccountStack extends Stack {
  constructor(scope: Construct, id: string, props: TargetAccountStackProps) {
    const { configuration, place, ...rest } = props;
    super(scope, id, { ...rest, env: place });
    const { home, clusters } = configuration;
    const first = targetPlaces(configuration).find(({ account }) => account === place.account);
    if (place.account !== home.account && place.region === first?.region) {
      new TargetRoles(this, "TargetRoles", {
        configuration: targetRolesConfiguration(configuration, {
          account: place.account,
          clusters: clustersIn(place.account, clusters),
        }),
      });
    }
    new Forwarding(this, "Forwarding", {
      region: place.region,
      busArn: busArn(partitionOf(clusters), home),
    });
    addLastResort(this, configuration, place);
  }
}
