import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ExecuteCommandCommandInput, ListClustersCommand } from "@aws-sdk/client-ecs";
import { DescribeSessionsCommand, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
} from "@aws-sdk/client-sts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/server.ts";
import {
  account,
  admin,
  arn,
  clientsOf,
  execute,
  expectNotStarted,
  type Keys,
  nobody,
  sessionCount,
  sessionsOf,
  startAccount,
  taskOf,
  touch,
  touched,
} from "./emulator-account.ts";

/*
 * ECS, SSM and STS as AWS's own clients find them.
 */

const execArn = `arn:aws:iam::${account}:role/exec`;
const openArn = `arn:aws:iam::${account}:role/open`;
const halfArn = (half: string): string => `arn:aws:iam::${account}:role/only-${half}`;
const clusterArn = arn("cluster/demo");

let emulator: Emulator;
let clock: number | undefined;
let folder: string;
let witness: string;
let count = 0;

const allow = (Action: string, Resource: string | string[], Condition?: object) => ({
  Version: "2012-10-17" as const,
  Statement: [
    {
      Effect: "Allow" as const,
      Action,
      Resource,
      ...(Condition === undefined
        ? {}
        : { Condition: Condition as { [o: string]: { [k: string]: string } } }),
    },
  ],
});

/** Trusts the account's user admin under `conditions`. */
const trust = (conditions?: { [operator: string]: { [key: string]: string | string[] } }) => ({
  Version: "2012-10-17" as const,
  Statement: [
    {
      Effect: "Allow" as const,
      Principal: { AWS: `arn:aws:iam::${account}:user/admin` },
      Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
      ...(conditions === undefined ? {} : { Condition: conditions }),
    },
  ],
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "emulator-api-"));
  emulator = await startAccount({
    now: () => clock ?? Date.now(),
    roles: [
      {
        arn: execArn,
        roleId: "AROAEXEC",
        trust: trust({
          StringEquals: { "aws:RequestTag/container": ["app", "envoy"] },
          StringLike: { "sts:SourceIdentity": "?*", "sts:RoleSessionName": "req-*" },
        }),
        permissions: [
          allow("ecs:ExecuteCommand", clusterArn),
          allow("ecs:ExecuteCommand", arn("task/demo/${aws:PrincipalTag/task}"), {
            StringEquals: { "ecs:container-name": "${aws:PrincipalTag/container}" },
          }),
        ],
      },
      { arn: openArn, roleId: "AROAOPEN", trust: trust(), permissions: [allow("ecs:*", "*")] },
      {
        arn: halfArn("cluster"),
        roleId: "AROACLUSTER",
        trust: trust(),
        permissions: [allow("ecs:ExecuteCommand", clusterArn)],
      },
      {
        arn: halfArn("task"),
        roleId: "AROATASK",
        trust: trust(),
        permissions: [allow("ecs:ExecuteCommand", arn("task/demo/*"))],
      },
    ],
  });
});

afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  witness = join(folder, `witness-${count++}`);
});

afterEach(() => {
  clock = undefined;
});

const idOf = (service: string): string => taskOf(emulator, service).id;

async function assume(input: Partial<AssumeRoleCommandInput>, keys: Keys = admin): Promise<Keys> {
  const { sts } = clientsOf(emulator.url, keys);
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({ RoleArn: openArn, RoleSessionName: "req-1", ...input }),
  );
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

const forApp = (): Partial<AssumeRoleCommandInput> => ({
  RoleArn: execArn,
  SourceIdentity: "alice",
  Tags: [
    { Key: "task", Value: idOf("web") },
    { Key: "container", Value: "app" },
  ],
});

describe("GetCallerIdentity", () => {
  const whoami = (keys: Keys) =>
    clientsOf(emulator.url, keys).sts.send(new GetCallerIdentityCommand({}));

  it("names a user and a role's session, who need no permission for it", async () => {
    expect(await whoami(nobody)).toMatchObject({
      Account: account,
      Arn: `arn:aws:iam::${account}:user/nobody`,
      UserId: "AIDANOBODY",
    });
    expect(await whoami(await assume({}))).toMatchObject({
      Account: account,
      Arn: `arn:aws:sts::${account}:assumed-role/open/req-1`,
      UserId: "AROAOPEN:req-1",
    });
  });

  it.each<[string, (keys: Keys) => Keys, string]>([
    ["another secret", (k) => ({ ...k, secretAccessKey: "wrong" }), "SignatureDoesNotMatch"],
    ["another token", (k) => ({ ...k, sessionToken: "x" }), "InvalidClientTokenId"],
    [
      "no token",
      ({ accessKeyId, secretAccessKey }) => ({ accessKeyId, secretAccessKey }),
      "InvalidClientTokenId",
    ],
    ["an unknown key", (k) => ({ ...k, accessKeyId: "ASIAUNKNOWN" }), "InvalidClientTokenId"],
  ])("names nobody who signs with %s", async (_, spoil, name) => {
    const keys = await assume({});
    await expect(whoami(spoil(keys))).rejects.toMatchObject({ name });
    expect(emulator.calls.at(-1)).toMatchObject({ principal: "", status: 403 });
  });

  it("names nobody whose keys have expired", async () => {
    const keys = await assume({ DurationSeconds: 900 });
    const { sts } = clientsOf(emulator.url, keys);
    clock = Date.now() + 901_000;
    sts.config.systemClockOffset = 901_000;
    const failed = sts.send(new GetCallerIdentityCommand({}));
    await expect(failed).rejects.toMatchObject({ name: "ExpiredToken" });
  });
});

describe("AssumeRole", () => {
  it("gives keys to who meets every condition of the trust policy", async () => {
    const keys = await assume(forApp());
    expect(keys.accessKeyId).toMatch(/^ASIA/);
    expect(emulator.calls.at(-1)).toMatchObject({
      operation: "AssumeRole",
      principal: `arn:aws:iam::${account}:user/admin`,
      input: { SourceIdentity: "alice" },
    });
  });

  it.each<[string, Partial<AssumeRoleCommandInput>, Keys]>([
    ["no source identity", { SourceIdentity: undefined }, admin],
    ["no tags", { Tags: undefined }, admin],
    ["a tag of another value", { Tags: [{ Key: "container", Value: "db" }] }, admin],
    ["another session name", { RoleSessionName: "debug" }, admin],
    ["another caller", {}, nobody],
    ["a role that does not exist", { RoleArn: `${execArn}-not` }, admin],
  ])("gives none for %s", async (_, change, keys) => {
    await expect(assume({ ...forApp(), ...change }, keys)).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  it("gives a session policy's holder no more than both allow", async () => {
    const only = (Action: string) => JSON.stringify(allow(Action, "*"));
    const list = (keys: Keys) =>
      clientsOf(emulator.url, keys).ecs.send(new ListClustersCommand({}));
    expect((await list(await assume({ Policy: only("ecs:ListClusters") }))).clusterArns).toEqual([
      clusterArn,
    ]);
    const denied = { name: "AccessDeniedException" };
    await expect(list(await assume({ Policy: only("ecs:DescribeTasks") }))).rejects.toMatchObject(
      denied,
    );
    const { ssm } = clientsOf(emulator.url, await assume({ Policy: only("ssm:*") }));
    await expect(ssm.send(new DescribeSessionsCommand({ State: "Active" }))).rejects.toMatchObject(
      denied,
    );
  });

  it("refuses a session policy that is none", async () => {
    await expect(assume({ Policy: "{" })).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
    });
  });
});

describe("ExecuteCommand", () => {
  it("starts the command in the task and container that the role's tags name", async () => {
    const answer = await touch(emulator, witness, await assume(forApp()));
    expect(answer).toMatchObject({
      clusterArn,
      taskArn: taskOf(emulator, "web").arn,
      containerName: "app",
      containerArn: taskOf(emulator, "web").containers[0]?.arn,
      interactive: true,
    });
    expect(answer.session?.streamUrl).toContain(`${emulator.gatewayUrl}/v1/data-channel/`);
    expect(await touched(witness)).toBe(true);
    expect(emulator.calls.findLast((call) => call.operation === "ExecuteCommand")).toMatchObject({
      principal: `arn:aws:sts::${account}:assumed-role/exec/req-1`,
      status: 200,
      sessionId: answer.session?.sessionId,
    });
    expect(JSON.stringify(emulator.calls)).not.toContain(answer.session?.tokenValue);
  });

  it.each<[string, () => Partial<ExecuteCommandCommandInput>]>([
    ["another container", () => ({ container: "envoy" })],
    ["no container", () => ({ container: undefined })],
    ["another task", () => ({ task: taskOf(emulator, "other").arn })],
    ["another task by its id", () => ({ task: idOf("other") })],
    ["a task that does not exist", () => ({ task: "0".repeat(32) })],
    ["another cluster", () => ({ cluster: "prod", task: idOf("web") })],
  ])("is refused for %s, and starts nothing", async (_, change) => {
    const before = await sessionCount(emulator);
    const keys = await assume(forApp());
    await expect(touch(emulator, witness, keys, change())).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expectNotStarted(emulator, witness, before);
  });

  it.each(["cluster", "task"])("is refused to who may it on the %s alone", async (half) => {
    const before = await sessionCount(emulator);
    const keys = await assume({ RoleArn: halfArn(half) });
    await expect(touch(emulator, witness, keys)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expectNotStarted(emulator, witness, before);
  });

  it("is refused where the session policy names another task or container", async () => {
    const before = await sessionCount(emulator);
    const policyOn = (service: string, container: string): string =>
      JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "ecs:ExecuteCommand", Resource: clusterArn },
          {
            Effect: "Allow",
            Action: "ecs:ExecuteCommand",
            Resource: taskOf(emulator, service).arn,
            Condition: { StringEquals: { "ecs:container-name": container } },
          },
        ],
      });
    for (const [service, container] of [
      ["other", "app"],
      ["web", "envoy"],
    ] as const) {
      const keys = await assume({ ...forApp(), Policy: policyOn(service, container) });
      await expect(touch(emulator, witness, keys)).rejects.toMatchObject({
        name: "AccessDeniedException",
      });
    }
    await expectNotStarted(emulator, witness, before);
    await touch(emulator, witness, await assume({ ...forApp(), Policy: policyOn("web", "app") }));
    expect(await touched(witness)).toBe(true);
  });

  it.each<[string, Partial<ExecuteCommandCommandInput>]>([
    ["that is not interactive", { interactive: false }],
    ["of no command", { command: " " }],
    ["in a container that the task does not have", { container: "db" }],
    ["in a container that is not named, of several", { container: undefined }],
    ["in a task that does not exist", { task: "0".repeat(32) }],
  ])("%s is refused to everybody, and starts nothing", async (_, change) => {
    const before = await sessionCount(emulator);
    await expect(touch(emulator, witness, admin, change)).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await expectNotStarted(emulator, witness, before);
  });

  it("is refused in a task that has stopped", async () => {
    const old = taskOf(emulator, "other").arn;
    emulator.fleet.replaceTask("other");
    const before = await sessionCount(emulator);
    await expect(touch(emulator, witness, admin, { task: old })).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "The referenced task is not running.",
    });
    await expectNotStarted(emulator, witness, before);
  });
});

describe("the sessions of SSM", () => {
  const terminate = (SessionId: string, keys: Keys = admin) =>
    clientsOf(emulator.url, keys).ssm.send(new TerminateSessionCommand({ SessionId }));

  it("are Active until they have ended, and History from then on", async () => {
    const from = Date.now() - 1_000;
    const { sessionId } = await execute(emulator, "sleep 30");
    const filters = [{ key: "SessionId" as const, value: sessionId }];
    const [active] = await sessionsOf(emulator, { State: "Active", Filters: filters });
    const task = taskOf(emulator, "web");
    expect(active).toMatchObject({
      SessionId: sessionId,
      Status: "Connecting",
      Target: `ecs:demo_${task.id}_${task.containers[0]?.runtimeId}`,
      DocumentName: "AmazonECS-ExecuteInteractiveCommand",
    });
    expect(active?.StartDate?.getTime()).toBeGreaterThan(from);
    expect(active?.EndDate).toBeUndefined();
    expect(await sessionsOf(emulator, { State: "History", Filters: filters })).toEqual([]);

    expect(await terminate(sessionId)).toMatchObject({ SessionId: sessionId });
    let ended = await sessionsOf(emulator, { State: "History", Filters: filters });
    for (let i = 0; i < 100 && ended.length === 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      ended = await sessionsOf(emulator, { State: "History", Filters: filters });
    }
    expect(ended).toMatchObject([{ SessionId: sessionId, Status: "Terminated" }]);
    expect(ended[0]?.EndDate?.getTime()).toBeGreaterThanOrEqual(active?.StartDate?.getTime() ?? 0);
    expect(await sessionsOf(emulator, { State: "Active", Filters: filters })).toEqual([]);
  });

  it("come in pages, each once", async () => {
    const opened = await Promise.all([1, 2, 3].map(() => execute(emulator, "sleep 30")));
    const { ssm } = clientsOf(emulator.url, admin);
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await ssm.send(
        new DescribeSessionsCommand({ State: "Active", MaxResults: 2, NextToken: token }),
      );
      expect(page.Sessions?.length).toBeLessThanOrEqual(2);
      found.push(...(page.Sessions ?? []).map(({ SessionId }) => SessionId ?? ""));
      token = page.NextToken;
    } while (token !== undefined);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(opened.map(({ sessionId }) => sessionId)));
    for (const { sessionId } of opened) await terminate(sessionId);
  });

  it("answer every end with success, of no session too, and end no other", async () => {
    const { sessionId } = await execute(emulator, "sleep 30");
    for (const id of ["ecs-execute-command-unknown", "alice-0123", sessionId.slice(0, -1), "x"]) {
      expect(await terminate(id)).toMatchObject({ SessionId: id });
    }
    const active = await sessionsOf(emulator, { State: "Active" });
    expect(active.map(({ SessionId }) => SessionId)).toContain(sessionId);
    await terminate(sessionId);
    expect(await terminate(sessionId)).toMatchObject({ SessionId: sessionId });
  });

  it("are ended by nobody who may not", async () => {
    const { sessionId } = await execute(emulator, "sleep 30");
    await expect(terminate(sessionId, nobody)).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    const active = await sessionsOf(emulator, { State: "Active" });
    expect(active.map(({ SessionId }) => SessionId)).toContain(sessionId);
    await terminate(sessionId);
  });
});
