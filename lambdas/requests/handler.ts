import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { requestsPorts } from "./compose.ts";
import { requestsFunction } from "./function.ts";
import { surroundingsOf } from "./surroundings.ts";

const settings = settingsFrom(process.env);
// Known when the bundle is made (lib/function-bundle.ts): IAM's and EC2's clients, as large as all the rest, are in
// it only where they are asked.
const lookingAround = process.env["DEEP_PREFLIGHT"] === "true" ? surroundingsOf : undefined;
if (settings.deepPreflight && lookingAround === undefined) {
  throw new TypeError("DEEP_PREFLIGHT is set, and this bundle was made without what it takes");
}
const { dynamodb, ...common } = commonPorts(settings, "requests");
const views = dynamoViews({ client: dynamodb, tableName: settings.viewsTable });
const aws = { homeRegion: settings.deployment.territory.places[0].region };

export const handler = requestsFunction(
  requestsPorts({ ...common, views }, settings, aws, lookingAround),
);
