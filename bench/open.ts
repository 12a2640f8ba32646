import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFunction } from "../lambdas/exec/function.ts";
import { account, clusterArn, region } from "../local/fleet.ts";
import { type LocalGateway, startLocalGateway } from "../local/gateway.ts";
import { userIdentity } from "../local/identities.ts";
import { callAs } from "../local/signed-call.ts";
import { percentile } from "./percentile.ts";
import { recordedPorts } from "./recorded-ports.ts";

/**
 * What an approved open costs beside ExecuteCommand itself, in one run; see bench/README.md. `ROUNDS`
 * (default 200) says how often each is done; a tenth of it goes before, uncounted.
 */
const rounds = Number(process.env["ROUNDS"] ?? 200);
const stateDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const gateway = await startLocalGateway({ port: 0, stateDir: join(stateDir, "state") });
try {
  await measure(gateway);
} finally {
  await gateway.close();
  rmSync(stateDir, { recursive: true, force: true });
}

async function approved(): Promise<string> {
  const asked = await callAs(gateway.api, gateway.profiles.dev, "POST", "/v1/requests", {
    target: { cluster: "demo", service: "payments-api", container: "app" },
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

async function measure({ emulatorHandle, functionPorts, profiles }: LocalGateway): Promise<void> {
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

  const id = await approved();
  const { ports, begin, recordCalls } = recordedPorts(functionPorts.exec);
  const handler = execFunction(ports);
  const { arn, userId } = userIdentity("dev", profiles.dev);
  const event = {
    version: "2.0",
    rawPath: `/v1/requests/${id}/sessions`,
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    body: "{}",
    requestContext: {
      requestId: "bench",
      http: { method: "POST" },
      authorizer: { iam: { accountId: account, userArn: arn, userId, cognitoIdentity: null } },
    },
  };
  const cpu: number[] = [];
  const seen = emulatorHandle.calls.length;
  for (let round = -rounds / 2; round < rounds; round++) {
    begin();
    const before = process.cpuUsage();
    const answer = await handler(event, { getRemainingTimeInMillis: () => 29_000 });
    const used = process.cpuUsage(before);
    if (answer.statusCode !== 201) throw new Error(answer.body);
    if (round === -rounds / 2) {
      const aws = emulatorHandle.calls.slice(seen).map((call) => call.operation);
      const beside = [...recordCalls(), ...aws].filter((name) => name !== "ExecuteCommand");
      console.log(
        `calls of one open beside ExecuteCommand: ${beside.length}: ${beside.join(", ")}`,
      );
    }
    if (round >= 0) cpu.push((used.user + used.system) / 1_000);
  }
  console.log(
    `CPU of the exec handler, every port answering at once: p50 ${percentile(cpu, 0.5).toFixed(2)} ms, p99 ${percentile(cpu, 0.99).toFixed(2)} ms`,
  );
}
