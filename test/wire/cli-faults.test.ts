import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SETTLE_MS } from "../../core/due.ts";
import type { Fault } from "../../emulator/faults.ts";
import { faultKinds } from "../../local/control.ts";
import { type LocalGateway, startLocalGateway } from "../../local/gateway.ts";
import { engineHere } from "../kit/engine.ts";
import { signedFetch } from "../kit/signed-fetch.ts";
import { runCli, transcript, transcriptsOf } from "../kit/transcript.ts";

/*
 * What a person sees when AWS fails in each way the emulator can: test/cli/transcripts/faults holds one text for
 * each, to be read by people. `vitest run -u` writes them anew.
 */

const transcripts = transcriptsOf("faults");
const EXEC = ["exec", "demo/payments-api:app", "--reason", "is it busy"].concat([
  "--",
  "/bin/cat",
  "/proc/loadavg",
]);

const aws = (code: string, status: number, message?: string): Fault => ({
  kind: "error",
  code,
  status,
  ...(message === undefined ? {} : { message }),
});

/** As the control endpoint takes them. */
type Ordered = Fault | { kind: "throttle" };

const faults: { name: string; operation: string; fault: Ordered; exit: number }[] = [
  ["execute-command-access-denied", "ExecuteCommand", aws("AccessDeniedException", 400), 1],
  [
    "execute-command-client-error",
    "ExecuteCommand",
    aws("ClientException", 400, "no such thing"),
    1,
  ],
  ["execute-command-cluster-not-found", "ExecuteCommand", aws("ClusterNotFoundException", 400), 1],
  ["execute-command-invalid-parameter", "ExecuteCommand", aws("InvalidParameterException", 400), 1],
  ["execute-command-not-connected", "ExecuteCommand", aws("TargetNotConnectedException", 400), 1],
  [
    "execute-command-throttled",
    "ExecuteCommand",
    aws("ThrottlingException", 400, "Rate exceeded"),
    1,
  ],
  ["execute-command-expired-token", "ExecuteCommand", aws("ExpiredTokenException", 400), 1],
  ["execute-command-server-error", "ExecuteCommand", aws("ServerException", 500), 125],
  ["execute-command-bare-503", "ExecuteCommand", { kind: "status", status: 503 }, 125],
  ["execute-command-reset", "ExecuteCommand", { kind: "reset" }, 125],
  ["execute-command-hang", "ExecuteCommand", { kind: "hang" }, 125],
  ["execute-command-answer-lost", "ExecuteCommand", { kind: "applied-then-reset" }, 125],
  ["execute-command-throttle", "ExecuteCommand", { kind: "throttle" }, 1],
  ["execute-command-answer-never", "ExecuteCommand", { kind: "applied-then-hang" }, 125],
  ["execute-command-lie", "ExecuteCommand", { kind: "lie", merge: { containerName: "envoy" } }, 1],
  ["execute-command-slow", "ExecuteCommand", { kind: "slow", ms: 1_500 }, 0],
  ["assume-role-denied", "AssumeRole", aws("AccessDenied", 403), 1],
  ["describe-tasks-throttled", "DescribeTasks", aws("ThrottlingException", 400), 1],
  ["describe-services-server-error", "DescribeServices", aws("ServerException", 500), 1],
  ["describe-clusters-expired-token", "DescribeClusters", aws("ExpiredTokenException", 400), 1],
].map(([name, operation, fault, exit]) => ({ name, operation, fault, exit }) as (typeof faults)[0]);

describe.skipIf(!engineHere)("what a person sees when AWS fails", () => {
  let folder: string;
  let gateway: LocalGateway;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-faults-"));
    gateway = await startLocalGateway({
      port: 0,
      stateDir: join(folder, "state"),
      wrap: {
        sweeper: (ports) => ({
          ...ports,
          clock: { ...ports.clock, now: () => ports.clock.now() + aheadMs },
        }),
      },
    });
  });
  let aheadMs = 0;
  // What nobody knows the outcome of holds its container for a minute, which is over at once for the sweeper.
  afterEach(async () => {
    gateway.emulatorHandle.clearFaults();
    aheadMs = SETTLE_MS;
    const until = Date.now() + 15_000;
    while ((await live()).length > 0) {
      if (Date.now() > until) throw new Error("a container is still held");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    aheadMs = 0;
  });
  /** Attempts that hold a container. */
  async function live(): Promise<unknown[]> {
    const path = "/v1/requests?requester=me";
    const { json } = await signedFetch(gateway.api, gateway.profiles.dev, { method: "GET", path });
    const { items } = json as { items: { sessions: { state: string }[] }[] };
    return items
      .flatMap(({ sessions }) => sessions)
      .filter(({ state }) => ["opening", "unknown", "opened"].includes(state));
  }
  afterAll(async () => {
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function order(operation: string, fault: Ordered): Promise<void> {
    const text = readFileSync(join(gateway.stateDir, "control.json"), "utf8");
    const { url, token } = JSON.parse(text) as { url: string; token: string };
    const taken = await fetch(`${url}/faults`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ operation, fault }),
    });
    expect(taken.status).toBe(200);
  }

  /** What one run leaves open, the next would go on with. */
  async function cancel(stderr: string): Promise<void> {
    const [, id] = /request ([0-9a-z]{26})/.exec(stderr) ?? [];
    if (id === undefined) return;
    const path = `/v1/requests/${id}/cancel`;
    await signedFetch(gateway.api, gateway.profiles.dev, { method: "POST", path, body: {} });
  }

  it.each(faults)("$name", async ({ name, operation, fault, exit }) => {
    await order(operation, fault);
    const ran = await runCli(["--as", "dev", "--state", gateway.stateDir, ...EXEC]);
    gateway.emulatorHandle.clearFaults();
    await cancel(ran.stderr);
    const typed = `sallyport exec demo/payments-api:app --reason 'is it busy' -- /bin/cat /proc/loadavg`;
    const said = transcript(typed, ran);
    await expect(said).toMatchFileSnapshot(join(transcripts, `${name}.txt`));
    expect(ran.code).toBe(exit);
    // No stack, no defect of ours, and never a failure without a word of what to do.
    expect(said).not.toMatch(/ {4}at |internal|undefined|\[object/);
    expect(said.includes("sallyport: hint: ")).toBe(exit !== 0);
    expect(said).not.toMatch(/tokenValue|streamUrl/);
  });

  it("shows every kind of fault that the control endpoint takes", () => {
    const shown = new Set(faults.map(({ fault }) => fault.kind));
    expect([...shown].toSorted()).toEqual(faultKinds.toSorted());
  });

  it("has a transcript for each fault, and none that nobody writes", () => {
    const expected = faults.map(({ name }) => `${name}.txt`).toSorted();
    expect(readdirSync(transcripts).toSorted()).toEqual(expected);
    for (const name of expected) expect(readFileSync(join(transcripts, name), "utf8")).not.toBe("");
  });
});
