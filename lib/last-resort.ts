import type { Stack } from "aws-cdk-lib";
import { clustersIn, type DeploymentPlace, partitionOf, placesOf } from "./cluster-arn.ts";
import type { DeploymentConfiguration } from "./deployment-configuration.ts";
import { LastResortAlarm } from "./last-resort-alarm.ts";
import { LastResortRole } from "./last-resort-role.ts";

/**
 * Adds to the stack of one account and region what the configuration asks for of a last resort: its alarm, and in
 * the first of the account's regions the role, since IAM knows no regions. An account without clusters has neither.
 */
export function addLastResort(
  stack: Stack,
  configuration: DeploymentConfiguration,
  place: DeploymentPlace,
): void {
  const { lastResort, alarmMail, clusters } = configuration;
  const mail = lastResort?.mail ?? alarmMail;
  if (lastResort === undefined || mail === undefined) return;
  if (clustersIn(place.account, clusters).length === 0) return;
  const { principals } = lastResort;
  const alarm = new LastResortAlarm(stack, "LastResortAlarm", {
    partition: partitionOf(clusters),
    place,
    mail,
  });
  const first = placesOf(configuration).find(({ account }) => account === place.account);
  if (place.region !== first?.region) return;
  const role = new LastResortRole(stack, "LastResortRole", {
    configuration,
    account: place.account,
    principals,
  });
  // Nobody can be in it before its use is heard of.
  role.node.addDependency(alarm);
}
