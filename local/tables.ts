import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
} from "@aws-sdk/client-dynamodb";
import { localProblem } from "./problem.ts";

export const tableNames = {
  events: "sallyport-events",
  views: "sallyport-views",
  state: "sallyport-state",
};

export interface Tables {
  eventsArn: string;
  streamArn: string;
}

/** The lists there are and the attribute each is of, as the deployed table has them. */
const lists = { byRequester: "requester", byStatus: "status", byService: "service", byDay: "day" };

const keys: Pick<CreateTableCommandInput, "BillingMode" | "KeySchema"> = {
  BillingMode: "PAY_PER_REQUEST",
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
};

const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

/** Creates the tables where they are absent; resolves when all can be used. */
export async function openTables(client: DynamoDBClient): Promise<Tables> {
  await create(client, {
    ...keys,
    TableName: tableNames.events,
    AttributeDefinitions: [text("pk"), text("sk")],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
  });
  await create(client, {
    ...keys,
    TableName: tableNames.views,
    AttributeDefinitions: ["pk", "sk", "sort", ...Object.values(lists)].map(text),
    GlobalSecondaryIndexes: Object.entries(lists).map(([IndexName, name]) => ({
      IndexName,
      KeySchema: [
        { AttributeName: name, KeyType: "HASH" },
        { AttributeName: "sort", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    })),
  });
  await create(client, {
    ...keys,
    TableName: tableNames.state,
    AttributeDefinitions: [text("pk"), text("sk")],
  });
  await active(client, tableNames.views);
  await active(client, tableNames.state);
  const events = await active(client, tableNames.events);
  if (events.TableArn === undefined || events.LatestStreamArn === undefined) {
    throw localProblem(
      `the table ${tableNames.events} has no stream`,
      "it was not made by this gateway: use another DYNAMODB_ENDPOINT or another --state",
    );
  }
  return { eventsArn: events.TableArn, streamArn: events.LatestStreamArn };
}

async function create(client: DynamoDBClient, input: CreateTableCommandInput): Promise<void> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

async function active(client: DynamoDBClient, TableName: string) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === "ACTIVE") return Table;
    await sleep(50);
  }
  throw localProblem(
    `the table ${TableName} does not become active`,
    "look at the engine behind it",
  );
}
