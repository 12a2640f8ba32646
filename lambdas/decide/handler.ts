import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { decidePorts } from "./compose.ts";
import { decideFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { dynamodb: _, ...common } = commonPorts(settings, "decide");
const aws = { homeRegion: settings.deployment.territory.places[0].region };

export const handler = decideFunction(decidePorts(common, settings, aws));
