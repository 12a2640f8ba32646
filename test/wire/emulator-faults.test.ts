import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ECSClient, ListClustersCommand } from "@aws-sdk/client-ecs";
import { DescribeSessionsCommand, type SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/server.ts";
import { until } from "../kit/processes.ts";
import {
  account,
  admin,
  clientsOf,
  execute,
  expectNotStarted,
  nobody,
  sessionCount,
  startAccount,
  taskOf,
  touch,
  touched,
} from "./emulator-account.ts";

/* Faults as AWS's own clients meet them, and what has happened all the same, or has not. */

let emulator: Emulator;
let folder: string;
let witness: string;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "emulator-faults-"));
  emulator = await startAccount();
});

afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  witness = join(folder, `witness-${count++}`);
});

afterEach(() => emulator.clearFaults());

describe("a fault", () => {
  const whoami = (signal?: AbortSignal) =>
    clientsOf(emulator.url, admin).sts.send(
      new GetCallerIdentityCommand({}),
      signal === undefined ? {} : { abortSignal: signal },
    );

  it.each<[string, string, string, (clients: Clients) => Promise<unknown>]>([
    ["ECS", "ListClusters", "ServerException", (c) => c.ecs.send(new ListClustersCommand({}))],
    [
      "SSM",
      "DescribeSessions",
      "ThrottlingException",
      (c) => c.ssm.send(new DescribeSessionsCommand({ State: "Active" })),
    ],
  ])("of kind error is that of %s's own form", async (_, operation, code, send) => {
    emulator.fault({ operation, times: 1 }, { kind: "error", code, status: 400, message: "told" });
    const clients = clientsOf(emulator.url, admin);
    await expect(send(clients)).rejects.toMatchObject({
      name: code,
      message: "told",
      $metadata: { httpStatusCode: 400 },
    });
    expect(emulator.calls.at(-1)).toMatchObject({ operation, errorCode: code, status: 400 });
    await send(clients);
  });

  it("of kind error is XML where STS answers", async () => {
    const what = { kind: "error", code: "Throttling", status: 400, message: "a <b> & c" } as const;
    emulator.fault({ operation: "GetCallerIdentity", times: 1 }, what);
    await expect(whoami()).rejects.toMatchObject({ name: "Throttling", message: "a <b> & c" });
  });

  it.each<[string, Parameters<Emulator["fault"]>[1], object]>([
    ["error", { kind: "error", code: "ServerException", status: 500 }, { name: "ServerException" }],
    ["status", { kind: "status", status: 503 }, { $metadata: { httpStatusCode: 503 } }],
    ["reset", { kind: "reset" }, { code: "ECONNRESET" }],
  ])("of kind %s starts nothing", async (_, what, seen) => {
    const before = await sessionCount(emulator);
    emulator.fault({ operation: "ExecuteCommand", times: 1 }, what);
    await expect(touch(emulator, witness, admin)).rejects.toMatchObject(seen);
    await expectNotStarted(emulator, witness, before);
  });

  it("of kind hang answers nothing and starts nothing, and ends with the emulator", async () => {
    const before = await sessionCount(emulator);
    emulator.fault({ operation: "ExecuteCommand", times: 1 }, { kind: "hang" });
    await expect(
      touch(emulator, witness, admin, {}, AbortSignal.timeout(500)),
    ).rejects.toMatchObject({
      name: "AbortError",
    });
    expect(emulator.calls.at(-1)).toMatchObject({ operation: "ExecuteCommand", status: 0 });
    await expectNotStarted(emulator, witness, before);

    const other = await startAccount();
    other.fault({ operation: "GetCallerIdentity" }, { kind: "hang" });
    const hanging = clientsOf(other.url, admin).sts.send(new GetCallerIdentityCommand({}));
    const failure = hanging.catch((error: unknown) => error);
    expect(await until(() => other.calls.length === 1, 3_000)).toBe(true);
    await other.close();
    expect(await failure).toMatchObject({ code: "ECONNRESET" });
  });

  it("of kind slow answers late, and it happens late", async () => {
    emulator.fault({ operation: "ExecuteCommand", times: 1 }, { kind: "slow", ms: 1_500 });
    const from = Date.now();
    const answer = touch(emulator, witness, admin);
    expect(await until(() => existsSync(witness), 250)).toBe(false);
    expect((await answer).session?.sessionId).toBeDefined();
    expect(Date.now() - from).toBeGreaterThanOrEqual(1_490);
    expect(await touched(witness)).toBe(true);
  });

  it("of kind lie changes the answer and nothing else", async () => {
    emulator.fault(
      { operation: "ExecuteCommand", times: 1 },
      { kind: "lie", merge: { containerName: "envoy", session: { tokenValue: null } } },
    );
    const answer = await touch(emulator, witness, admin);
    expect(answer.containerName).toBe("envoy");
    expect(answer.session?.tokenValue).toBeUndefined();
    expect(answer.session?.sessionId).toMatch(/^ecs-execute-command-/);
    expect(answer.taskArn).toBe(taskOf(emulator, "web").arn);
    expect(await touched(witness)).toBe(true);
    // The list of calls holds what happened, not what was told.
    expect(emulator.calls.at(-1)?.sessionId).toBe(answer.session?.sessionId);
  });

  it.each<[string, Parameters<Emulator["fault"]>[1], object]>([
    ["applied-then-reset", { kind: "applied-then-reset" }, { code: "ECONNRESET" }],
    ["applied-then-hang", { kind: "applied-then-hang" }, { name: "AbortError" }],
  ])("of kind %s starts the command and loses the answer", async (_, what, seen) => {
    const before = await sessionCount(emulator);
    emulator.fault({ operation: "ExecuteCommand", times: 1 }, what);
    const signal = AbortSignal.timeout(1_500);
    await expect(touch(emulator, witness, admin, {}, signal)).rejects.toMatchObject(seen);
    expect(emulator.calls.at(-1)).toMatchObject({
      operation: "ExecuteCommand",
      status: 0,
      sessionId: expect.stringMatching(/^ecs-execute-command-/),
    });
    expect(await touched(witness)).toBe(true);
    expect(await sessionCount(emulator)).toBe(before + 1);
  });

  it("that loses an answer lets nobody do what he may not, and does not hide the refusal", async () => {
    const before = await sessionCount(emulator);
    emulator.fault({ operation: "ExecuteCommand", times: 2 }, { kind: "applied-then-reset" });
    await expect(touch(emulator, witness, nobody)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    const wrong = { ...admin, secretAccessKey: "wrong" };
    await expect(touch(emulator, witness, wrong)).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    await expectNotStarted(emulator, witness, before);
  });

  it("strikes as often as it was told, the first set first, and no other operation", async () => {
    const error = (code: string) => ({ kind: "error", code, status: 400 }) as const;
    emulator.fault({ operation: "GetCallerIdentity", times: 0 }, error("Never"));
    emulator.fault({ operation: "GetCallerIdentity", times: 2 }, error("First"));
    emulator.fault({ operation: "GetCallerIdentity" }, error("Then"));
    expect((await execute(emulator, "true")).sessionId).not.toBe("");
    const names: string[] = [];
    for (let i = 0; i < 4; i++) {
      await whoami().catch((failure: Error) => names.push(failure.name));
    }
    expect(names).toEqual(["First", "First", "Then", "Then"]);
    emulator.clearFaults();
    expect((await whoami()).Account).toBe(account);
  });
});

interface Clients {
  ecs: ECSClient;
  ssm: SSMClient;
}
