import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { dynamoRefusalCounts } from "../../adapters/dynamodb-refusal-counts.ts";
import { systemClock as clock, systemRandom as random } from "../../adapters/system-clock.ts";
import { lambdaLog } from "../log.ts";
import { embeddedMetrics } from "../metrics.ts";
import { settingsFrom } from "../settings.ts";
import { sweeperPorts } from "./compose.ts";
import { sweeperFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { deployment, eventsTable: tableName, eventsTableArn: tableArn, stateTable } = settings;
const client = new DynamoDBClient({});

export const handler = sweeperFunction(
  sweeperPorts(
    {
      // Not by `commonPorts`: the sweeper judges no rules, and would carry their engine for nothing.
      events: dynamoEvents({ client, tableName, tableArn, clock, random }),
      marks: dynamoMarks({ client, tableName: stateTable }),
      refusalCounts: dynamoRefusalCounts({ client, tableName: stateTable }),
      clock,
      random,
      log: lambdaLog("sweeper"),
      metrics: embeddedMetrics("sweeper", () => clock.now()),
      deployment,
    },
    settings,
    { homeRegion: deployment.territory.places[0].region },
  ),
);
