import { commonPorts } from "../common-ports.ts";
import { settingsFrom } from "../settings.ts";
import { decideFunction } from "./function.ts";

const { dynamodb: _, ...common } = commonPorts(settingsFrom(process.env), "decide");

export const handler = decideFunction(common);
