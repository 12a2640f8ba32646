import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type ScanCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";

const region = "us-east-1";
const binary = fileURLToPath(
  new URL("../../node_modules/@dynoxide/linux-x64/dynoxide", import.meta.url),
);

/** True where the engine is installed. Under CI it must be: a test that would be skipped there fails instead. */
export const engineHere = existsSync(binary);
if (!engineHere) {
  if (process.env["CI"] === "true")
    throw new Error("the DynamoDB engine is not installed, and CI must run these tests");
  console.warn(
    "SKIPPED: the DynamoDB engine (@dynoxide/linux-x64) is not installed on this platform",
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/**
 * An in-memory engine on an address of its own, with the tables `events` (KEYS_ONLY stream), `views` and `state`, and
 * a client of it. It ends with this process at the latest.
 */
export async function startEngine(): Promise<{
  client: DynamoDBClient;
  /** Another client, which calls by these keys: the engine checks none, and they say who called. */
  clientOf(accessKeyId: string): DynamoDBClient;
  /** Makes the table `events` anew, once it was deleted. */
  createEvents(): Promise<void>;
  /** Copies what `events` holds now to a new table, as a restore does; answers its ARN. */
  copyEvents(name: string): Promise<string>;
  stop(): void;
}> {
  const [b = 0, c = 0, d = 0] = systemRandom(3);
  const host = `127.${1 + (b % 250)}.${c}.${1 + (d % 250)}`;
  const port = await freePort();
  const script = '"$0" "$@" & c=$!; trap "kill $c" TERM INT; cat >/dev/null; kill $c; wait $c';
  const child = spawn(
    "/bin/sh",
    ["-c", script, binary, "serve", "--host", host, "-p", String(port)],
    {
      // The pipe is the watchdog: the shell ends the engine when this process is gone, however it went.
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  const clients: DynamoDBClient[] = [];
  const clientOf = (accessKeyId: string): DynamoDBClient => {
    const made = new DynamoDBClient({
      endpoint: `http://${host}:${port}`,
      region,
      credentials: { accessKeyId, secretAccessKey: "local" },
    });
    clients.push(made);
    return made;
  };
  const client = clientOf("local");
  for (let attempt = 0; ; attempt++) {
    try {
      await createTables(client);
      return {
        client,
        clientOf,
        createEvents: () => createEvents(client),
        copyEvents: (name) => copyEvents(client, name),
        stop: () => {
          for (const made of clients) made.destroy();
          child.stdin.end();
        },
      };
    } catch (error) {
      if (attempt > 100) throw error;
      await systemClock.sleep(50);
    }
  }
}

const key = (name: string, type: "HASH" | "RANGE") => ({ AttributeName: name, KeyType: type });
const string = (name: string) => ({ AttributeName: name, AttributeType: "S" as const });

async function copyEvents(client: DynamoDBClient, name: string): Promise<string> {
  await createEvents(client, name);
  let start: ScanCommandOutput["LastEvaluatedKey"];
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: "events",
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const Item of page.Items ?? []) {
      await client.send(new PutItemCommand({ TableName: name, Item }));
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  return Table?.TableArn ?? "";
}

async function createEvents(client: DynamoDBClient, name = "events"): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [key("pk", "HASH"), key("sk", "RANGE")],
      AttributeDefinitions: [string("pk"), string("sk")],
      StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
    }),
  );
}

async function createTables(client: DynamoDBClient): Promise<void> {
  await createEvents(client);
  await client.send(
    new CreateTableCommand({
      TableName: "state",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [key("pk", "HASH"), key("sk", "RANGE")],
      AttributeDefinitions: [string("pk"), string("sk")],
    }),
  );
  const index = (IndexName: string, hash: string) => ({
    IndexName,
    KeySchema: [key(hash, "HASH"), key("sort", "RANGE")],
    Projection: { ProjectionType: "ALL" as const },
  });
  await client.send(
    new CreateTableCommand({
      TableName: "views",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [key("pk", "HASH"), key("sk", "RANGE")],
      AttributeDefinitions: ["pk", "sk", "sort", "requester", "status", "service", "day"].map(
        string,
      ),
      GlobalSecondaryIndexes: [
        index("byRequester", "requester"),
        index("byStatus", "status"),
        index("byService", "service"),
        index("byDay", "day"),
      ],
    }),
  );
}
