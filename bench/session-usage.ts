import { writeFileSync } from "node:fs";
import { cardDigest } from "../core/card.ts";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import type { WatcherTask } from "../core/watch/watcher-task.ts";
import { startTestGateway } from "../test/kit/gateway.ts";

/**
 * What one session takes of AWS, counted in one run and written to tools/cost/usage.json, from which `npm run cost`
 * reckons: a shell that two persons approve, looked for in the lists and in its own page, opened, seen to be over, and
 * compared with what CloudTrail and the front door's log tell of it.
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
/** Of it all, what the watcher took. */
const watcher = { writeUnits: 0, readUnits: 0 };

interface Consumed {
  CapacityUnits?: number;
}
const names = ["requests", "decide", "exec", "sweeper", "projector", "watcher"] as const;
const clients = new Set(names.map((name: GatewayFunctionName) => gateway.dynamodbOf(name)));
const watchers = gateway.dynamodbOf("watcher");
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
      const kind = reads ? "readUnits" : "writeUnits";
      counted[kind] += units;
      if (client === watchers) watcher[kind] += units;
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

/** What the watcher's bus was given and not compared yet. */
const told: object[] = [];
gateway.emulator.trail.subscribe((event) => told.push(event));
let busEvents = 0;
/** The watcher hears of each call, and the stream's readers of what it puts on record. */
async function compareTold(): Promise<void> {
  for (const event of told.splice(0)) {
    busEvents += 1;
    const before = transactions;
    await gateway.watch(event);
    for (let n = before; n < transactions; n++) await gateway.wakeFound();
  }
}
const round = (task: WatcherTask["task"], aheadMs: number) =>
  usageOf(() => gateway.watch({ task }, aheadMs));

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
  for (let n = before; n < transactions && typeof id === "string"; n++) {
    await gateway.project(id);
    await gateway.wake(id);
  }
  await compareTold();
  return answer.body;
}

const MINUTE_MS = 60_000;
const ticks: { [task in WatcherTask["task"] | "sweep"]?: Usage } = {};
// With nothing on record but the rules, which the first round of each has found as they should be. No more than half
// an hour ahead: the session that follows is not to lie behind the mark.
for (const task of ["compare", "sessions", "again"] as const) {
  await round(task, 31 * MINUTE_MS);
  ticks[task] = await round(task, 32 * MINUTE_MS);
}
await compareTold();
busEvents = 0;
Object.assign(watcher, { writeUnits: 0, readUnits: 0 });

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
  await gateway.wake(id, 61 * MINUTE_MS);
  await compareTold();
});
const given = busEvents;
const ofWatcher = { ...watcher };
const inSession = transactions;
const poll = await usageOf(() => gateway.as("dev")("GET", `/v1/requests/${id}`));
// What of it the watcher's rounds read, beside what they read anyway: once in time, and once in the next day's.
const rounds = { compare: 100 * MINUTE_MS, again: 101 * MINUTE_MS };
for (const [task, aheadMs] of Object.entries(rounds) as ["compare" | "again", number][]) {
  const all = await round(task, aheadMs);
  const idle = ticks[task] ?? all;
  if (all.readUnits <= idle.readUnits) throw new Error(`the round ${task} did not see the session`);
  for (const sum of [session, ofWatcher]) {
    sum.readUnits += all.readUnits - idle.readUnits;
    sum.writeUnits += all.writeUnits - idle.writeUnits;
  }
}
await gateway.sweep();
// A minute later, so that the mark moves as it does each minute.
ticks.sweep = await usageOf(() => gateway.sweep(MINUTE_MS));
if (gateway.counted.length > 0) throw new Error(`differences: ${gateway.counted.join()}`);
await gateway.close();

const file = new URL("../tools/cost/usage.json", import.meta.url);
const how =
  "counted by `npm run bench:usage`: the functions themselves over a DynamoDB engine that says what each call takes, and the emulated ECS, STS, SSM and CloudTrail. A session is a shell that two persons approve, compared by the watcher with what AWS tells of it; a poll one look of whoever waits; a tick a round of the sweeper or the watcher in which nothing is due.";
const day = new Date().toISOString().slice(0, 10);
const more = { apiCalls, transactions: inSession, busEvents: given, watcher: ofWatcher };
const usage = { day, how, session: { ...session, ...more }, poll, ticks };
writeFileSync(file, `${JSON.stringify(usage, null, 2)}\n`);
console.log(JSON.stringify(usage, null, 2));
