import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import type { CommonPorts, Composed, DecidePorts } from "../ports.ts";
import type { Settings } from "../settings.ts";

/**
 * What the decide function works with: on AWS, and against whatever answers as AWS. It looks into clusters for
 * whoever breaks the glass, and holds no right to do anything there.
 */
export function decidePorts(
  common: Composed<CommonPorts>,
  settings: Settings,
  aws: AwsSettings,
): Composed<DecidePorts> {
  return {
    ...common,
    containers: ecsContainers({
      aws,
      clock: common.clock,
      roleArns: settings.readRoleArns,
      roleSessionName: "sallyport-decide",
    }),
  };
}
