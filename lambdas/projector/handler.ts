import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { lambdaLog } from "../log.ts";
import { projectorFunction } from "./function.ts";

const client = new DynamoDBClient({});

export const handler = projectorFunction({
  events: dynamoEvents({
    client,
    tableName: process.env["EVENTS_TABLE"] ?? "",
    tableArn: process.env["EVENTS_TABLE_ARN"] ?? "",
    clock: systemClock,
    random: systemRandom,
  }),
  views: dynamoViews({ client, tableName: process.env["VIEWS_TABLE"] ?? "" }),
  log: lambdaLog("projector"),
});
