import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { requestsPorts } from "./compose.ts";
import { requestsFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { dynamodb, ...common } = commonPorts(settings, "requests");
const views = dynamoViews({ client: dynamodb, tableName: settings.viewsTable });
const aws = { homeRegion: settings.deployment.territory.places[0].region };

export const handler = requestsFunction(requestsPorts({ ...common, views }, settings, aws));
