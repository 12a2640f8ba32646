import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { environmentVariables } from "../../core/function-environment.ts";
import { lambdaLog } from "../log.ts";
import { projectorFunction } from "./function.ts";

const client = new DynamoDBClient({});

export const handler = projectorFunction({
  events: dynamoEvents({
    client,
    tableName: process.env[environmentVariables.eventsTable] ?? "",
    tableArn: process.env[environmentVariables.eventsTableArn] ?? "",
    clock: systemClock,
    random: systemRandom,
  }),
  views: dynamoViews({ client, tableName: process.env[environmentVariables.viewsTable] ?? "" }),
  log: lambdaLog("projector"),
});
