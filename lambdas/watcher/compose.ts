import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ssmSessions } from "../../adapters/ssm-sessions.ts";
import { LOOKS_ON } from "../../core/roles.ts";
import type { Composed, WatcherPorts } from "../ports.ts";
import type { Settings } from "../settings.ts";

/** What the watcher works with: on AWS, and against whatever answers as AWS. */
export function watcherPorts(
  common: Omit<Composed<WatcherPorts>, "sessionWatch" | "guarded">,
  { endRoleArns }: Settings,
  aws: AwsSettings,
): Composed<WatcherPorts> {
  const { api, territory, clusters } = common.deployment;
  return {
    ...common,
    sessionWatch: ssmSessions({ aws, roleArns: endRoleArns, roleSessionName: `${LOOKS_ON}er` }),
    guarded: {
      partition: territory.partition,
      // The gateway and its API are of one account. A table has another name where it stands for AWS's.
      home: api.account,
      clusters,
    },
  };
}
