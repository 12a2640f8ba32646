import { ECSClient, ExecuteCommandCommand } from "@aws-sdk/client-ecs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AwsSettings } from "../../adapters/aws-client.ts";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import { ssmSessionEnder } from "../../adapters/ssm-session-ender.ts";
import { stsExecRoles } from "../../adapters/sts-exec-roles.ts";
import type { Containers, Task } from "../../core/containers.ts";
import type { ExecGrant, ExecInput } from "../../core/execute-command.ts";
import { functionPolicy } from "../../core/function-policies.ts";
import type { PolicyDocument } from "../../core/policy-document.ts";
import { endRole, execRole, readRole, roleArn } from "../../core/roles.ts";
import { type Emulator, startEmulator } from "../../emulator/server.ts";

/*
 * The role documents and the adapters, against an emulator that judges signatures, trust policies,
 * session policies and role policies on its own.
 */

const account = "111122223333";
const place = { account, region: "us-east-1" };
const arnOf = (name: string): string => roleArn("aws", account, name);
const cluster = (name: string): string => `arn:aws:ecs:us-east-1:${account}:cluster/${name}`;
const configuration = {
  partition: "aws",
  account,
  clusters: [cluster("demo")],
  functionRoleArns: {
    requests: arnOf("sallyport-lambda-requests"),
    decide: arnOf("sallyport-lambda-decide"),
    exec: arnOf("sallyport-lambda-exec"),
    sweeper: arnOf("sallyport-lambda-sweeper"),
    watcher: arnOf("sallyport-lambda-watcher"),
  },
};
const execArn = arnOf("sallyport-exec");
const service = (name: string, more: object = {}) => ({
  name,
  taskDefinition: "web:3",
  desiredCount: 1,
  enableExecuteCommand: true,
  tags: { team: "payments" },
  ...more,
});

let emulator: Emulator;
let clock = Date.now();
let containers: Containers;
let task: Task;
let otherTask: Task;

/** A function's own keys, with of its policy the part that is about roles. */
function identity(name: "requests" | "exec") {
  const policy = functionPolicy(name, {
    eventsTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/e",
    viewsTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/v",
    stateTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/state",
    readRoleArns: [arnOf("sallyport-read")],
    execRoleArns: [execArn],
    endRoleArns: [arnOf("sallyport-end")],
    accessLogArn: "arn:aws:logs:us-east-1:111122223333:log-group:access:*",
  });
  const onRoles: PolicyDocument = {
    ...policy,
    Statement: policy.Statement.filter(({ Action }) => Action.every((a) => a.startsWith("sts:"))),
  };
  return {
    accessKeyId: `AKIA${name.toUpperCase()}`,
    secretAccessKey: `secret of ${name}`,
    arn: `arn:aws:sts::${account}:assumed-role/sallyport-lambda-${name}/${name}`,
    roleArn: configuration.functionRoleArns[name],
    userId: `AROA${name.toUpperCase()}:${name}`,
    account,
    policies: [onRoles],
  };
}

function settings(name: "requests" | "exec"): AwsSettings {
  const { accessKeyId, secretAccessKey } = identity(name);
  return {
    homeRegion: "us-east-1",
    baseCredentials: async () => ({ accessKeyId, secretAccessKey }),
    endpoints: { ecs: emulator.url, sts: emulator.url, ssm: emulator.url },
  };
}

beforeAll(async () => {
  emulator = await startEmulator({
    port: 0,
    gatewayPort: 0,
    account,
    region: "us-east-1",
    now: () => clock,
    identities: [identity("requests"), identity("exec")],
    roles: [readRole, execRole, endRole].map((document, i) => {
      const { name, trust, permissions } = document(configuration);
      return { arn: arnOf(name), roleId: `AROATARGET${i}`, trust, permissions: [permissions] };
    }),
    fleet: {
      taskDefinitions: [
        {
          family: "web",
          revision: 3,
          tags: { team: "web" },
          containers: [
            { name: "app", image: "app" },
            { name: "envoy", image: "envoy" },
          ],
        },
      ],
      clusters: [
        {
          name: "demo",
          services: [
            service("api"),
            service("other"),
            service("legacy", { enableExecuteCommand: false }),
            service("broken", { agent: "LOST" }),
          ],
        },
        { name: "outside", services: [service("api")] },
      ],
    },
  });
  containers = ecsContainers({
    aws: settings("requests"),
    clock: { now: () => Date.now() },
    roleArns: { [account]: arnOf("sallyport-read") },
    roleSessionName: "requests",
  });
  task = await taskOf("api");
  otherTask = await taskOf("other");
});

afterAll(() => emulator.close());

beforeEach(() => {
  clock = Date.now();
});

async function taskOf(name: string): Promise<Task> {
  const [arn] = await containers.listTasks(place, cluster("demo"), { service: name });
  const [found] = await containers.describeTasks(place, cluster("demo"), [arn ?? ""]);
  if (found === undefined) throw new Error(`no task of ${name}`);
  return found;
}

/** Assumes the exec role for `granted` and sends `asked`. */
async function execute(granted: Partial<ExecGrant>, asked: Partial<ExecInput> = {}) {
  const grant: ExecGrant = {
    place,
    clusterArn: cluster("demo"),
    taskArn: task.taskArn,
    container: "app",
    roleSessionName: "req-01arz3ndektsv4rrffq69g5fav.1",
    sourceIdentity: "alice",
    notAfter: clock + 10_000,
    ...granted,
  };
  const role = await stsExecRoles({
    aws: settings("exec"),
    clock: { now: () => Date.now() },
    roleArns: { [account]: execArn },
  }).assume(grant);
  const { clusterArn, taskArn, container } = grant;
  return role.executeCommand(
    { clusterArn, taskArn, container, command: "/bin/cat", ...asked },
    Date.now() + 5_000,
  );
}

const denied = { kind: "failed", code: "aws_denied_gateway" };

describe("sallyport-read", () => {
  it("sees the configured cluster, its services with their tags, and its tasks", async () => {
    expect(await containers.describeCluster(place, cluster("demo"))).toMatchObject({
      clusterArn: cluster("demo"),
      logging: "DEFAULT",
    });
    const services = await containers.listServices(place, cluster("demo"), 100);
    expect(services.map(({ serviceName, tags }) => [serviceName, tags["team"]])).toEqual([
      ["api", "payments"],
      ["broken", "payments"],
      ["legacy", "payments"],
      ["other", "payments"],
    ]);
    expect(task.containers.map(({ name }) => name)).toEqual(["app", "envoy"]);
    expect(await containers.describeTaskDefinition(place, task.taskDefinitionArn)).toMatchObject({
      family: "web",
      tags: { team: "web" },
    });
  });

  it("sees nothing of a cluster that is not configured", async () => {
    const outside = cluster("outside");
    for (const look of [
      () => containers.describeCluster(place, outside),
      () => containers.listServices(place, outside, 10),
      () => containers.listTasks(place, outside, { service: "api" }),
      () => containers.describeService(place, outside, "api"),
    ]) {
      await expect(look()).rejects.toMatchObject({ code: "gateway_credentials" });
    }
  });
});

describe("sallyport-exec", () => {
  it("opens the container it was assumed for, in the name of request and person", async () => {
    const outcome = await execute({});
    expect(outcome).toMatchObject({
      kind: "opened",
      response: {
        clusterArn: cluster("demo"),
        taskArn: task.taskArn,
        containerName: "app",
        interactive: true,
      },
    });
    const [assumed] = emulator.calls
      .filter(({ operation }) => operation === "AssumeRole")
      .slice(-1);
    expect(assumed?.input).toMatchObject({ SourceIdentity: "alice" });
    const [sent] = emulator.calls.slice(-1);
    expect(sent).toMatchObject({ operation: "ExecuteCommand", status: 200 });
    expect(sent?.principal).toContain("sallyport-exec/req-01arz3ndektsv4rrffq69g5fav.1");
  });

  it("opens no other container, task or cluster than that", async () => {
    expect(await execute({}, { container: "envoy" })).toMatchObject(denied);
    expect(await execute({}, { taskArn: otherTask.taskArn })).toMatchObject(denied);
    const elsewhere = await execute({}, { clusterArn: cluster("outside") });
    expect(elsewhere.kind).toBe("failed");
  });

  it("opens nothing once the instant is over", async () => {
    expect(await execute({ notAfter: clock - 1 })).toMatchObject(denied);
  });

  it("opens nothing in a cluster that is not configured, whatever was granted", async () => {
    const arn = emulator.fleet.clusters.find(({ name }) => name === "outside")?.tasks[0]?.arn ?? "";
    expect(arn).toContain("/outside/");
    expect(await execute({ clusterArn: cluster("outside"), taskArn: arn })).toMatchObject(denied);
  });

  it("tells a service without exec, and one whose agent is lost, from a refusal", async () => {
    const legacy = await taskOf("legacy");
    expect(await execute({ taskArn: legacy.taskArn })).toMatchObject({ code: "exec_not_enabled" });
    const broken = await taskOf("broken");
    expect(await execute({ taskArn: broken.taskArn })).toMatchObject({
      code: "target_not_connected",
    });
  });
});

describe("sallyport-exec, assumed by a thief with the function's keys", () => {
  const tags = (container: string) => [
    { Key: "cluster", Value: "demo" },
    { Key: "task", Value: task.taskArn.split("/").at(-1) ?? "" },
    { Key: "container", Value: container },
  ];
  const assume = (name: "requests" | "exec", input: object, RoleArn = execArn) => {
    const { accessKeyId, secretAccessKey } = identity(name);
    const sts = new STSClient({
      region: "us-east-1",
      endpoint: emulator.url,
      credentials: { accessKeyId, secretAccessKey },
    });
    const RoleSessionName = "req-1.1";
    return sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName, ...input }));
  };

  it("cannot be assumed without tags, without a person, or under another name", async () => {
    const SourceIdentity = "alice";
    for (const input of [
      { SourceIdentity },
      { SourceIdentity, Tags: tags("app").slice(1) },
      { SourceIdentity, Tags: [...tags("app"), { Key: "team", Value: "x" }] },
      { Tags: tags("app") },
      { SourceIdentity, Tags: tags("app"), RoleSessionName: "debug" },
    ]) {
      await expect(assume("exec", input)).rejects.toMatchObject({ name: "AccessDenied" });
    }
  });

  it("cannot be assumed by another function", async () => {
    const input = { SourceIdentity: "alice", Tags: tags("app") };
    await expect(assume("requests", input)).rejects.toMatchObject({ name: "AccessDenied" });
    expect((await assume("exec", input)).Credentials).toBeDefined();
  });

  it("allows nothing beyond its tags even where no session policy was given", async () => {
    const { Credentials: given } = await assume("exec", {
      SourceIdentity: "alice",
      Tags: tags("app"),
    });
    const ecs = new ECSClient({
      region: "us-east-1",
      endpoint: emulator.url,
      credentials: {
        accessKeyId: given?.AccessKeyId ?? "",
        secretAccessKey: given?.SecretAccessKey ?? "",
        sessionToken: given?.SessionToken ?? "",
      },
    });
    const send = (taskArn: string, container: string) =>
      ecs.send(
        new ExecuteCommandCommand({
          cluster: cluster("demo"),
          task: taskArn,
          container,
          command: "/bin/cat",
          interactive: true,
        }),
      );
    await expect(send(otherTask.taskArn, "app")).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expect(send(task.taskArn, "envoy")).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    expect((await send(task.taskArn, "app")).session?.sessionId).toBeDefined();
  });
});

describe("sallyport-end", () => {
  const ender = (name: "requests" | "exec") =>
    ssmSessionEnder({
      aws: settings(name),
      partition: "aws",
      roleArns: { [account]: arnOf("sallyport-end") },
    });

  it("ends the session it is assumed for", async () => {
    const outcome = await execute({});
    const id = outcome.kind === "opened" ? outcome.response.session.sessionId : "";
    expect(await ender("exec").terminate(place, id)).toBe("accepted");
    const [sent] = emulator.calls.slice(-1);
    expect(sent).toMatchObject({
      operation: "TerminateSession",
      input: { SessionId: id },
      status: 200,
    });
    expect(sent?.principal).toContain("sallyport-end/end-");
  });

  it("ends no session that ECS Exec did not begin", async () => {
    expect(await ender("exec").terminate(place, "alice-0123456789abcdef0")).toBe("failed");
  });

  it("is not for other functions", async () => {
    expect(await ender("requests").terminate(place, "ecs-execute-command-1")).toBe("failed");
  });
});
