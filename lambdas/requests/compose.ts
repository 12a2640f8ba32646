import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { ecsTurns } from "../../adapters/ecs-turns.ts";
import type { ReadRoleSettings } from "../../adapters/read-role.ts";
import type { Surroundings } from "../look-around.ts";
import type { CommonPorts, Composed, RequestsPorts } from "../ports.ts";
import type { Settings } from "../settings.ts";

/**
 * What the requests function works with: on AWS, and against whatever answers as AWS. Nothing that ECS says is
 * kept between two calls, for what an approver is shown is looked up when it is asked for. With `lookingAround` it
 * looks beyond ECS.
 */
export function requestsPorts(
  common: Composed<CommonPorts> & Pick<RequestsPorts, "views">,
  settings: Settings,
  aws: AwsSettings,
  lookingAround?: (as: ReadRoleSettings) => Surroundings,
): Composed<RequestsPorts> {
  const ecs = {
    aws,
    clock: common.clock,
    roleArns: settings.readRoleArns,
    roleSessionName: "sallyport-requests",
  };
  return {
    ...common,
    containers: ecsContainers(ecs),
    overview: ecsContainers({ ...ecs, turn: ecsTurns(common.clock) }),
    ...(lookingAround === undefined ? {} : { surroundings: lookingAround(ecs) }),
  };
}
