import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { execPorts } from "./compose.ts";
import { execFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { dynamodb: _, ...common } = commonPorts(settings, "exec");
const aws = { homeRegion: settings.deployment.territory.places[0].region };

export const handler = execFunction(execPorts(common, settings, aws));
