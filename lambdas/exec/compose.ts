import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { keepingDescriptions } from "../../adapters/kept-descriptions.ts";
import { ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { ssmSessions } from "../../adapters/ssm-sessions.ts";
import { stsExecRoles } from "../../adapters/sts-exec-roles.ts";
import type { CommonPorts, Composed, ExecPorts } from "../ports.ts";
import type { Settings } from "../settings.ts";

/**
 * What the exec function works with: on AWS, and against whatever answers as AWS. Descriptions that hardly change
 * are kept for half a minute, so that an open takes fewer calls.
 */
export function execPorts(
  common: Composed<CommonPorts>,
  settings: Settings,
  aws: AwsSettings,
): Composed<ExecPorts> {
  const { clock } = common;
  const { readRoleArns, execRoleArns, endRoleArns, deployment } = settings;
  return {
    ...common,
    containers: keepingDescriptions(
      ecsContainers({ aws, clock, roleArns: readRoleArns, roleSessionName: "sallyport-exec" }),
      clock,
    ),
    execRoles: stsExecRoles({ aws, clock, roleArns: execRoleArns }),
    sessionEnder: ssmSessionEnder({
      aws,
      partition: deployment.territory.partition,
      roleArns: endRoleArns,
    }),
    sessionWatch: ssmSessions({ aws, roleArns: endRoleArns, roleSessionName: "end-see-holder" }),
  };
}
