import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { keepingDescriptions } from "../../adapters/kept-descriptions.ts";
import { ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { stsExecRoles } from "../../adapters/sts-exec-roles.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { execFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { dynamodb: _, ...common } = commonPorts(settings, "exec");
const { territory } = settings.deployment;
const aws = { homeRegion: territory.places[0].region };

export const handler = execFunction({
  ...common,
  containers: keepingDescriptions(
    ecsContainers({
      aws,
      clock: systemClock,
      roleArns: settings.readRoleArns,
      roleSessionName: "sallyport-exec",
    }),
    systemClock,
  ),
  execRoles: stsExecRoles({ aws, clock: systemClock, roleArns: settings.execRoleArns }),
  sessionEnder: ssmSessionEnder({
    aws,
    partition: territory.partition,
    roleArns: settings.endRoleArns,
  }),
});
