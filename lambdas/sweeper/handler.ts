import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { ssmSessions } from "../../adapters/ssm-sessions.ts";
import { systemClock as clock, systemRandom as random } from "../../adapters/system-clock.ts";
import { lambdaLog } from "../log.ts";
import { settingsFrom } from "../settings.ts";
import { sweeperFunction } from "./function.ts";

const settings = settingsFrom(process.env);
const { deployment, readRoleArns, endRoleArns } = settings;
const { territory } = deployment;
const aws = { homeRegion: territory.places[0].region };
const client = new DynamoDBClient({});

export const handler = sweeperFunction({
  events: dynamoEvents({
    client,
    tableName: settings.eventsTable,
    tableArn: settings.eventsTableArn,
    clock,
    random,
  }),
  marks: dynamoMarks({ client, tableName: settings.stateTable }),
  clock,
  random,
  log: lambdaLog("sweeper"),
  deployment,
  containers: ecsContainers({
    aws,
    clock,
    roleArns: readRoleArns,
    roleSessionName: "sallyport-sweeper",
  }),
  sessionEnder: ssmSessionEnder({ aws, partition: territory.partition, roleArns: endRoleArns }),
  sessionWatch: ssmSessions({ aws, roleArns: endRoleArns }),
});
