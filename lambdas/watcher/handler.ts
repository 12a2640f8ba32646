import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { cloudwatchAccessLog } from "../../adapters/cloudwatch-access-log.ts";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { systemClock as clock, systemRandom as random } from "../../adapters/system-clock.ts";
import { lambdaLog } from "../log.ts";
import { embeddedMetrics } from "../metrics.ts";
import { settingsFrom } from "../settings.ts";
import { watcherPorts } from "./compose.ts";
import { watcherFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { deployment, eventsTable: tableName, eventsTableArn: tableArn, stateTable } = settings;
const client = new DynamoDBClient({});

export const handler = watcherFunction(
  watcherPorts(
    {
      events: dynamoEvents({ client, tableName, tableArn, clock, random }),
      marks: dynamoMarks({ client, tableName: stateTable }),
      accessLog: cloudwatchAccessLog({
        client: new CloudWatchLogsClient({}),
        logGroupName: settings.accessLog,
      }),
      clock,
      random,
      log: lambdaLog("watcher"),
      metrics: embeddedMetrics(() => clock.now()),
      deployment,
    },
    settings,
    { homeRegion: deployment.territory.places[0].region },
  ),
);
