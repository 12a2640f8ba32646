import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type GatewayProcess, keysOf, startGatewayProcess } from "../kit/gateway-process.ts";
import { commandLine, processesWith, until } from "../kit/processes.ts";
import { signedFetch } from "../kit/signed-fetch.ts";

/*
 * However the gateway ends, nothing it started goes on: not the engine, not a shell that somebody opened,
 * and not one that will not hear of hanging up.
 */

let stateDir: string;
let child: ChildProcess;
let printed: () => string;
/** Stands in the command line of every shell of this test, and in no other process. */
let mark: string;

beforeEach(() => {
  stateDir = join(mkdtempSync(join(tmpdir(), "sallyport-ends-")), "state");
  mark = `73${randomInt(1e9, 2e9)}`;
});

afterEach(() => {
  for (const pid of [...processesWith(mark), ...processesWith(stateDir)])
    process.kill(pid, "SIGKILL");
  rmSync(join(stateDir, ".."), { recursive: true, force: true });
});

async function started(): Promise<GatewayProcess> {
  const ready = await startGatewayProcess(stateDir);
  ({ child, printed } = ready);
  return ready;
}

/** Has a command approved and opened, over the API. It runs from the moment it is opened. */
async function open(api: string, command: string): Promise<void> {
  const post = async (who: string, path: string, body: object) => {
    const answer = await signedFetch(api, keysOf(stateDir, who), { method: "POST", path, body });
    if (answer.status >= 300) throw new Error(`${who} ${path}: ${answer.text}`);
    return answer.json as { id: string; digest: string };
  };
  const target = { cluster: "demo", service: "payments-api", container: "app" };
  const { id, digest } = await post("dev", "/v1/requests", { target, command, reason: "test" });
  for (const who of ["lead", "sre"]) {
    await post(who, `/v1/requests/${id}/decisions`, { decision: "approve", digest });
  }
  await post("dev", `/v1/requests/${id}/sessions`, {});
}

const plain = (): string => `/bin/sh -c 'sleep ${mark}'`;
const stubborn = (): string =>
  `/bin/sh -c 'trap "" HUP TERM INT; sleep ${mark} & while :; do sleep 5; done'`;

/** Two shells and an engine, all there before anything is ended. */
async function populate(ready: GatewayProcess): Promise<void> {
  await open(ready.api, plain());
  await open(ready.api, stubborn());
  // Each shell's own line names the mark, and so do the sleeps.
  expect(await until(() => processesWith(mark).length >= 3, 5_000)).toBe(true);
  expect(processesWith(`${stateDir}/record.db`).length).toBeGreaterThan(0);
}

async function expectNothingLeft(): Promise<void> {
  await until(() => processesWith(mark).length + processesWith(stateDir).length === 0, 5_000);
  expect({ shells: processesWith(mark), others: processesWith(stateDir) }).toEqual({
    shells: [],
    others: [],
  });
}

describe("the end of a local gateway", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("is clean at %s", async (signal) => {
    const ready = await started();
    await populate(ready);
    child.kill(signal);
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    await expectNothingLeft();
    expect(existsSync(join(stateDir, "endpoint.json"))).toBe(false);
  });

  it("leaves no engine and no shell when its process is killed", async () => {
    const ready = await started();
    await populate(ready);
    process.kill(ready.pid, "SIGKILL");
    await once(child, "exit");
    await expectNothingLeft();
    // What was approved and opened is on record all the same, and the keys are the same.
    const keys = keysOf(stateDir, "dev");
    const again = await started();
    const { json } = await signedFetch(again.api, keys, { method: "GET", path: "/v1/requests" });
    expect((json as { items: unknown[] }).items).toHaveLength(2);
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it("comes with that of its engine, and is then no success", async () => {
    const ready = await started();
    await populate(ready);
    for (const pid of processesWith("serve --host")) {
      if (commandLine(pid).includes(stateDir)) process.kill(pid, "SIGKILL");
    }
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(1);
    expect(printed()).toContain("the DynamoDB engine ended");
    await expectNothingLeft();
  });

  it("prints one line of JSON, which does not say where the tables are", async () => {
    const { ready } = await started();
    expect(Object.keys(ready)).toEqual(["api", "emulator", "gateway", "region", "state", "pid"]);
    const [engine = 0] = processesWith(`${stateDir}/record.db`);
    const line = commandLine(engine).split(" ");
    const port = line[line.indexOf("-p") + 1] ?? "";
    const host = line[line.indexOf("--host") + 1] ?? "";
    expect(host).toMatch(/^127\.\d+\.\d+\.\d+$/);
    child.kill("SIGTERM");
    await once(child, "exit");
    const log = readFileSync(join(stateDir, "gateway.log"), "utf8");
    for (const text of [printed(), log]) {
      expect(text).not.toContain(host);
      expect(text).not.toContain(`:${port}`);
    }
  });
});
