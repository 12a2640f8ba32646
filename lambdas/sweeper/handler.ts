import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { commonPorts } from "../common-ports.ts";
import { embeddedMetrics } from "../metrics.ts";
import { settingsFrom } from "../settings.ts";
import { sweeperPorts } from "./compose.ts";
import { sweeperFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const {
  dynamodb: client,
  limits: _,
  ...common
} = commonPorts(settings, "sweeper", {
  endsItself: true,
});

export const handler = sweeperFunction(
  sweeperPorts(
    {
      ...common,
      marks: dynamoMarks({ client, tableName: settings.stateTable }),
      metrics: embeddedMetrics(() => common.clock.now()),
    },
    settings,
    { homeRegion: settings.deployment.territory.places[0].region },
  ),
  () => process.exit(1),
);
