import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { requestsFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { dynamodb, ...common } = commonPorts(settings, "requests");

export const handler = requestsFunction({
  ...common,
  views: dynamoViews({ client: dynamodb, tableName: settings.viewsTable }),
  containers: ecsContainers({
    aws: { homeRegion: settings.deployment.territory.places[0].region },
    clock: systemClock,
    roleArns: settings.readRoleArns,
    roleSessionName: "sallyport-requests",
  }),
});
