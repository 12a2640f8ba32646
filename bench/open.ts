import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFunction } from "../lambdas/exec/function.ts";
import { account, clusterArn, region } from "../local/fleet.ts";
import { type LocalGateway, startLocalGateway } from "../local/gateway.ts";
import { gatewayEvent } from "../local/gateway-event.ts";
import { userIdentity } from "../local/identities.ts";
import { callAs } from "../local/signed-call.ts";
import { inSeries, operationsOfAnOpen, type Span } from "../test/kit/steps-in-series.ts";
import { percentile } from "./percentile.ts";
import { recordedPorts } from "./recorded-ports.ts";

/**
 * What an approved open costs beside ExecuteCommand itself, in one run; see bench/README.md. `ROUNDS`
 * (default 200) says how often each is done; a tenth of it goes before, uncounted.
 */
const rounds = Number(process.env["ROUNDS"] ?? 200);
const stateDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const EACH_MS = 60;
const gateway = await startLocalGateway({
  port: 0,
  stateDir: join(stateDir, "state"),
  // One person opens hundreds here; what counting costs is in it all the same.
  rates: { write: 1e6, read: 1e6, target: 1e6 },
});
try {
  await measure(gateway);
} finally {
  await gateway.close();
  rmSync(stateDir, { recursive: true, force: true });
}

async function approved(target: object = { service: "payments-api" }): Promise<string> {
  const asked = await callAs(gateway.api, gateway.profiles.dev, "POST", "/v1/requests", {
    target: { cluster: "demo", container: "app", ...target },
    command: "/bin/date",
    reason: "a measurement",
  });
  if (asked.body["status"] !== "approved") throw new Error(JSON.stringify(asked.body));
  return String(asked.body["id"]);
}

/** The same ExecuteCommand without a gateway, on a new connection as there; without assuming the role. */
async function direct(taskArn: string, attempt: number): Promise<number> {
  const role = await gateway.functionPorts.exec.execRoles.assume({
    place: { account, region },
    clusterArn: clusterArn("demo"),
    taskArn,
    container: "app",
    roleSessionName: `req-${"0".repeat(26)}.${attempt}`,
    sourceIdentity: "dev",
    notAfter: Date.now() + 10_000,
  });
  const began = performance.now();
  const outcome = await role.executeCommand(
    { clusterArn: clusterArn("demo"), taskArn, container: "app", command: "/bin/date" },
    Date.now() + 10_000,
  );
  if (outcome.kind !== "opened") throw new Error(JSON.stringify(outcome));
  return performance.now() - began;
}

async function through(): Promise<number> {
  const id = await approved();
  const began = performance.now();
  const opened = await callAs(
    gateway.api,
    gateway.profiles.dev,
    "POST",
    `/v1/requests/${id}/sessions`,
    {},
  );
  if (opened.status !== 201) throw new Error(JSON.stringify(opened.body));
  return performance.now() - began;
}

/** As API Gateway delivers it to the exec function. */
function openCall(id: string): Parameters<ReturnType<typeof execFunction>>[0] {
  const { arn, userId } = userIdentity("dev", gateway.profiles.dev);
  const { accessKeyId } = gateway.profiles.dev;
  return gatewayEvent({
    request: {
      method: "POST",
      rawPath: `/v1/requests/${id}/sessions`,
      rawQuery: "",
      headers: [["content-type", "application/json"]],
      body: new TextEncoder().encode("{}"),
    },
    authorizer: { iam: { accessKeyId, account, userArn: arn, userId } },
    account,
    routeKey: "POST /v1/requests/{id}/sessions",
    parameters: { id },
    apiId: gateway.functionPorts.exec.deployment.api.id,
    requestId: "bench",
    sourceIp: "127.0.0.1",
    at: Date.now(),
  });
}

/** Every call of the second of two opens, made to last so long that what waits for what can be told. */
async function callsOf(name: string, target: object): Promise<void> {
  const { emulatorHandle, functionPorts } = gateway;
  const real = functionPorts.exec;
  let spans: Span[] = [];
  // Each method of these is one call to DynamoDB.
  const slow = <P extends object>(port: string, of: P): P =>
    new Proxy(of, {
      get(store, member) {
        const value: unknown = Reflect.get(store, member);
        // What is known without asking is no call.
        if (typeof value !== "function" || member === "usedUp") return value;
        return async (...args: unknown[]): Promise<unknown> => {
          const from = Date.now();
          await new Promise((resolve) => setTimeout(resolve, EACH_MS));
          const answer: unknown = await Reflect.apply(value, store, args);
          spans.push({ name: `${port}.${String(member)}`, from, until: Date.now() });
          return answer;
        };
      },
    });
  const handler = execFunction({
    ...real,
    events: slow("events", real.events),
    limits: slow("limits", real.limits),
  });
  for (const operation of operationsOfAnOpen) {
    emulatorHandle.fault({ operation }, { kind: "slow", ms: EACH_MS });
  }
  let seen = 0;
  for (let open = 0; open < 2; open++) {
    const id = await approved(target);
    // Whoever was in the container before is seen to have left it: two rounds of the sweeper.
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    spans = [];
    seen = emulatorHandle.calls.length;
    const answer = await handler(openCall(id), { getRemainingTimeInMillis: () => 29_000 });
    if (answer.statusCode !== 201) throw new Error(answer.body);
  }
  emulatorHandle.clearFaults();
  for (const { operation, at, principal } of emulatorHandle.calls.slice(seen)) {
    // Others work beside every open, the sweeper above all, and nobody waits for them. A call of theirs
    // that is still on its way has no principal yet; those of the open have all been answered.
    if (!principal.includes("exec")) continue;
    spans.push({ name: operation, from: at, until: at + EACH_MS });
  }
  const beside = (calls: string[]): string[] => calls.filter((call) => call !== "ExecuteCommand");
  const [all, series] = [beside(spans.map((span) => span.name)), beside(inSeries(spans))];
  console.log(
    `calls of one open of ${name} beside ExecuteCommand: ${all.length}: ${all.toSorted().join(", ")}`,
  );
  console.log(`  of them in series: ${series.length}: ${series.join(", ")}`);
}

async function measure({ emulatorHandle, functionPorts }: LocalGateway): Promise<void> {
  await through();
  const sent = emulatorHandle.calls.findLast((call) => call.operation === "ExecuteCommand");
  const taskArn = sent?.input["task"];
  if (typeof taskArn !== "string") throw new Error("no ExecuteCommand was sent");
  const straight: number[] = [];
  const gated: number[] = [];
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    const [one, other] = [await direct(taskArn, round + rounds), await through()];
    if (round < 0) continue;
    straight.push(one);
    gated.push(other);
  }
  const [p50, p99] = [0.5, 0.99].map((share) => ({
    straight: percentile(straight, share),
    gated: percentile(gated, share),
  })) as [{ straight: number; gated: number }, { straight: number; gated: number }];
  const row = (name: string, { straight: one, gated: other }: typeof p50): string =>
    `${name}  direct ${one.toFixed(1)} ms  through the gateway ${other.toFixed(1)} ms  ratio ${(other / one).toFixed(2)}`;
  console.log(`${rounds} opens each, taking turns`);
  console.log(row("p50", p50));
  console.log(row("p99", p99));

  await callsOf("a service", { service: "payments-api" });
  await callsOf("a task", { task: taskArn.split("/").at(-1) });

  const id = await approved();
  const { ports, begin } = recordedPorts(functionPorts.exec);
  const handler = execFunction(ports);
  const event = openCall(id);
  const cpu: number[] = [];
  for (let round = -rounds / 2; round < rounds; round++) {
    begin();
    const before = process.cpuUsage();
    const answer = await handler(event, { getRemainingTimeInMillis: () => 29_000 });
    const used = process.cpuUsage(before);
    if (answer.statusCode !== 201) throw new Error(answer.body);
    if (round >= 0) cpu.push((used.user + used.system) / 1_000);
  }
  console.log(
    `CPU of the exec handler, every port answering at once: p50 ${percentile(cpu, 0.5).toFixed(2)} ms, p99 ${percentile(cpu, 0.99).toFixed(2)} ms`,
  );
}
