import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECSClient, ExecuteCommandCommand } from "@aws-sdk/client-ecs";
import { ResumeSessionCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Event, readEvent } from "../../core/event.ts";
import { watchChain } from "../../core/watch/watch-keys.ts";
import { watcherFunction } from "../../lambdas/watcher/function.ts";
import { account, region } from "../../local/fleet.ts";
import {
  type LocalGateway,
  type LocalGatewayOptions,
  startLocalGateway,
} from "../../local/gateway.ts";
import type { ProfileName } from "../../local/identities.ts";
import { engineHere } from "../kit/engine.ts";
import { signedFetch } from "../kit/signed-fetch.ts";

/*
 * The watcher on a local gateway: what the emulator's CloudTrail tells of calls through the gateway and around it, with
 * AWS's own clients. What is compared is in test/world/watch.test.ts.
 */

let folder: string;
let gateway: LocalGateway;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sallyport-watch-"));
  lines = [];
});
afterEach(async () => {
  await gateway.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (wrap: NonNullable<LocalGatewayOptions["wrap"]> = {}): Promise<void> => {
  gateway = await startLocalGateway({
    port: 0,
    stateDir: join(folder, "state"),
    wrap,
    onFinding: (line) => lines.push(line),
  });
};

const COMMAND = "/bin/cat /proc/loadavg";

/** A session through the gateway, of a command that a rule approves. */
async function opened(): Promise<{ id: string; sessionId: string }> {
  const call = async (path: string, body: unknown) => {
    const answer = await signedFetch(gateway.api, gateway.profiles.dev, {
      method: "POST",
      path,
      body,
    });
    expect(answer.status, answer.text).toBe(201);
    return answer.json as { id: string; session: { sessionId: string } };
  };
  const { id } = await call("/v1/requests", {
    target: { cluster: "demo", service: "payments-api", container: "app" },
    command: COMMAND,
    reason: "is it busy",
  });
  const { session } = await call(`/v1/requests/${id}/sessions`, {});
  return { id, sessionId: session.sessionId };
}

const clientOf = (who: ProfileName) => ({
  region,
  endpoint: gateway.emulator,
  credentials: gateway.profiles[who],
  maxAttempts: 1,
});
/** As `aws ecs execute-command` asks. */
const around = (who: ProfileName) =>
  new ECSClient(clientOf(who)).send(
    new ExecuteCommandCommand({
      cluster: "demo",
      task: gateway.emulatorHandle.fleet.clusters[0]?.tasks[0]?.id,
      container: "app",
      command: "/bin/true",
      interactive: true,
    }),
  );

/** Of both days, where a test runs over midnight. */
async function found(): Promise<Event[]> {
  const chains = new Set(
    [Date.now() - 600_000, Date.now(), Date.now() + 3_600_000].map((at) => watchChain(account, at)),
  );
  const { events } = gateway.functionPorts.watcher;
  const stored = await Promise.all([...chains].map((chain) => events.load(chain)));
  return stored.flat().map((one) => readEvent(one));
}

/** All that is on record once so many findings are: calls are compared in the order in which they are told of. */
async function findings(count: number): Promise<object[]> {
  await expect
    .poll(async () => (await found()).length, { timeout: 15_000, interval: 50 })
    .toBeGreaterThanOrEqual(count);
  return (await found()).map(({ kind, data }) => ({ kind, ...data }));
}

const matched = (of: { id: string; sessionId: string }) => ({
  kind: "call.matched",
  request: of.id,
  attempt: 1,
  call: { sessionId: of.sessionId },
});
const byAdmin = {
  kind: "call.differed",
  differences: ["caller"],
  guarded: true,
  call: { name: "ExecuteCommand", caller: `arn:aws:iam::${account}:user/admin`, error: null },
};

describe.skipIf(!engineHere)("the watcher on a local gateway", () => {
  it("finds a session through the gateway as it is on record, told late and twice too", async () => {
    await start();
    const first = await opened();
    expect(await findings(1)).toMatchObject([matched(first)]);

    gateway.emulatorHandle.trail.hold();
    const late = await opened();
    gateway.emulatorHandle.trail.letGo(2);
    // Whatever was told of before this has been compared when this is on record.
    await around("admin");
    expect(await findings(3)).toMatchObject([matched(first), matched(late), byAdmin]);
  }, 60_000);

  it("tells of a command around the gateway, taken or refused, and of a try to resume a session", async () => {
    await start();
    const { sessionId } = await opened();
    await around("admin");
    await expect(around("dev")).rejects.toThrow("is not authorized");
    const resume = new ResumeSessionCommand({ SessionId: sessionId });
    await expect(new SSMClient(clientOf("admin")).send(resume)).rejects.toThrow(
      "cannot be resumed",
    );
    const foreign = (await findings(4)).slice(1);
    expect(foreign).toMatchObject([
      byAdmin,
      {
        differences: ["caller", "denied"],
        call: { name: "ExecuteCommand", error: "AccessDenied" },
      },
      { differences: ["caller", "denied"], call: { name: "ResumeSession" } },
    ]);
    await expect.poll(() => lines.length, { timeout: 15_000 }).toBe(3);
    const chain = (await found())[1]?.chain;
    expect(lines[0]).toBe(
      `ExecuteCommand by arn:aws:iam::${account}:user/admin differs (caller): on record as ${chain} #2`,
    );
  }, 60_000);

  it("tells of another command by the gateway's own role than the one on record", async () => {
    await start({
      exec: (ports) => ({
        ...ports,
        execRoles: {
          async assume(grant) {
            const role = await ports.execRoles.assume(grant);
            return {
              executeCommand: (input, deadlineMs) =>
                role.executeCommand({ ...input, command: "/bin/cat /etc/shadow" }, deadlineMs),
            };
          },
        },
      }),
    });
    const { id } = await opened();
    expect(await findings(1)).toMatchObject([
      { kind: "call.differed", request: id, attempt: 1, differences: ["command"], guarded: true },
    ]);
  }, 60_000);

  it("misses nothing half an hour later, over a new start too, but a decision that no line tells of", async () => {
    await start();
    const { id } = await opened();
    const before = await findings(1);
    const log = join(folder, "state", "access.log");
    expect((statSync(log).mode & 0o777).toString(8)).toBe("600");
    await gateway.close();

    await start();
    const later = async (): Promise<void> => {
      const { watcher: ports } = gateway.functionPorts;
      const clock = { ...ports.clock, now: () => Date.now() + 40 * 60_000 };
      const context = { getRemainingTimeInMillis: () => 300_000 };
      await watcherFunction({ ...ports, clock })({ task: "again" }, context);
    };
    await later();
    expect(await findings(1)).toEqual(before);
    expect(gateway.emulatorHandle.calls.map(({ operation }) => operation)).toContain(
      "FilterLogEvents",
    );
    expect(readFileSync(log, "utf8")).toContain(id);

    await gateway.close();
    writeFileSync(log, "");
    await start();
    await later();
    // The first rules, which `operator` put in force.
    expect((await findings(2)).slice(1)).toMatchObject([
      { kind: "decision.unwitnessed", chain: "CONF", seq: 1, why: "no_line" },
    ]);
  }, 60_000);
});
