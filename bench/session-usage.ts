import { writeFileSync } from "node:fs";
import { cardDigest } from "../core/card.ts";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import { startTestGateway } from "../test/kit/gateway.ts";

/**
 * What one session takes of AWS, counted in one run and written to tools/cost/usage.json, from which `npm run cost`
 * reckons: a shell that two persons approve, looked for in the lists and in its own page, opened, and seen to be over.
 * The engine says what each call takes, as DynamoDB does. Run it anew when calls are added or taken away.
 */
interface Usage {
  writeUnits: number;
  readUnits: number;
  logBytes: number;
}
const gateway = await startTestGateway();
let counted: Usage = { writeUnits: 0, readUnits: 0, logBytes: 0 };
let transactions = 0;

interface Consumed {
  CapacityUnits?: number;
}
const names = ["requests", "decide", "exec", "sweeper", "projector"] as const;
const clients = new Set(names.map((name: GatewayFunctionName) => gateway.dynamodbOf(name)));
for (const client of clients) {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      Object.assign(args.input, { ReturnConsumedCapacity: "TOTAL" });
      const answer = await next(args);
      const { ConsumedCapacity: consumed } = answer.output as unknown as {
        ConsumedCapacity?: Consumed | Consumed[];
      };
      const units = [consumed ?? []]
        .flat()
        .reduce((sum, { CapacityUnits: some = 0 }) => sum + some, 0);
      const reads = /^(?:Query|GetItem|BatchGetItem|Scan)Command$/.test(
        String(context.commandName),
      );
      counted[reads ? "readUnits" : "writeUnits"] += units;
      if (context.commandName === "TransactWriteItemsCommand") transactions += 1;
      return answer;
    },
    { step: "initialize", name: "usage" },
  );
}

/** Everything that a part takes. */
async function usageOf(part: () => Promise<unknown>): Promise<Usage> {
  counted = { writeUnits: 0, readUnits: 0, logBytes: 0 };
  const lines = gateway.logged.length;
  await part();
  const written = gateway.logged.slice(lines);
  return { ...counted, logBytes: written.reduce((sum, line) => sum + Buffer.byteLength(line), 0) };
}

const apiCalls = { requests: 0, decide: 0, exec: 0 };
async function call(
  as: "dev" | "lead" | "sre",
  served: keyof typeof apiCalls,
  ...request: [method: "GET" | "POST", path: string, body?: object]
) {
  apiCalls[served] += 1;
  const before = transactions;
  const answer = await gateway.as(as)(...request);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  // The stream tells both of its readers of each transaction; where little happens, in a batch of its own.
  const id: unknown = answer.body.id ?? answer.body.sallyport?.requestId;
  for (let told = before; told < transactions && typeof id === "string"; told++) {
    await gateway.project(id);
    await gateway.wake(id);
  }
  return answer.body;
}

let id = "";
const session = await usageOf(async () => {
  const target = { cluster: "demo", service: "payments-api", container: "app" };
  const wish = { target, command: "/bin/sh", reason: "a stuck queue" };
  ({ id } = await call("dev", "requests", "POST", "/v1/requests", wish));
  for (const approver of ["lead", "sre"] as const) {
    await call(approver, "requests", "GET", "/v1/requests?approver=me");
    const { card } = await call(approver, "requests", "GET", `/v1/requests/${id}`);
    await call(approver, "decide", "POST", `/v1/requests/${id}/decisions`, {
      decision: "approve",
      digest: cardDigest(card),
    });
  }
  await call("dev", "exec", "POST", `/v1/requests/${id}/sessions`);
  await gateway.wake(id, 61 * 60_000);
});
const inSession = transactions;
const poll = await usageOf(() => gateway.as("dev")("GET", `/v1/requests/${id}`));
await gateway.sweep();
// A minute later, so that the mark moves as it does each minute.
const tick = await usageOf(() => gateway.sweep(60_000));
await gateway.close();

const file = new URL("../tools/cost/usage.json", import.meta.url);
const how =
  "counted by `npm run bench:usage`: the functions themselves over a DynamoDB engine that says what each call takes, and the emulated ECS, STS and SSM. A session is a shell that two persons approve; a poll one look of whoever waits; a tick a round of the sweeper in which nothing is due.";
const day = new Date().toISOString().slice(0, 10);
const usage = { day, how, session: { ...session, apiCalls, transactions: inSession }, poll, tick };
writeFileSync(file, `${JSON.stringify(usage, null, 2)}\n`);
console.log(JSON.stringify(usage, null, 2));
