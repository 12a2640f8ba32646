import { describe, expect, it } from "vitest";
import { ecsContainers } from "../../adapters/ecs-containers.ts";
import {
  assumed,
  awsError,
  awsWire,
  json,
  stsError,
  type WireAnswer,
  type WireCall,
} from "../kit/aws-wire.ts";

const account = "111122223333";
const home = { account, region: "us-east-1" };
const abroad = { account, region: "eu-west-1" };
const clusterArn = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const roleArn = `arn:aws:iam::${account}:role/sallyport/sallyport-read`;
const serviceArn = (name: string): string =>
  `arn:aws:ecs:us-east-1:${account}:service/prod/${name}`;
const taskArn = (n: number): string => `arn:aws:ecs:us-east-1:${account}:task/prod/${n}`;

function containers(
  ecs: (call: WireCall) => WireAnswer,
  sts: (n: number) => WireAnswer = (n) => assumed(n, Date.now() + 3_600_000),
) {
  let issued = 0;
  const wire = awsWire((call) => (call.operation === "AssumeRole" ? sts(++issued) : ecs(call)));
  const port = ecsContainers({
    aws: {
      homeRegion: "us-east-1",
      baseCredentials: async () => ({ accessKeyId: "LAMBDA", secretAccessKey: "s" }),
      requestHandler: wire.requestHandler,
    },
    clock: { now: () => Date.now() },
    roleArns: { [account]: roleArn },
    roleSessionName: "requests",
  });
  const operations = (): string[] => wire.calls.map((call) => call.operation);
  return { port, calls: wire.calls, operations };
}

describe("ecsContainers: the role", () => {
  it("is assumed once for all calls in all regions of an account", async () => {
    const { port, calls } = containers(() => json({ clusters: [] }));
    await port.describeCluster(home, "prod");
    await port.describeCluster(abroad, "prod");
    await port.describeCluster(home, "prod");
    expect(calls.map((call) => [call.host, call.operation, call.accessKeyId])).toEqual([
      ["sts.us-east-1.amazonaws.com", "AssumeRole", "LAMBDA"],
      ["ecs.us-east-1.amazonaws.com", "DescribeClusters", "ASIA1"],
      ["ecs.eu-west-1.amazonaws.com", "DescribeClusters", "ASIA1"],
      ["ecs.us-east-1.amazonaws.com", "DescribeClusters", "ASIA1"],
    ]);
    expect(calls[0]?.input).toMatchObject({ RoleArn: roleArn, RoleSessionName: "requests" });
    expect(calls[0]?.input).not.toHaveProperty("Policy");
  });

  it("is assumed anew after AWS has refused its credentials", async () => {
    let refuse = true;
    const { port, operations } = containers(() =>
      refuse ? awsError("UnrecognizedClientException") : json({ clusters: [] }),
    );
    await expect(port.describeCluster(home, "prod")).rejects.toMatchObject({
      code: "gateway_credentials",
    });
    refuse = false;
    await port.describeCluster(home, "prod");
    expect(operations()).toEqual([
      "AssumeRole",
      "DescribeClusters",
      "AssumeRole",
      "DescribeClusters",
    ]);
  });

  it("throws gateway_credentials when it cannot be assumed, and asks ECS nothing", async () => {
    const { port, operations } = containers(
      () => json({}),
      () => stsError("AccessDenied"),
    );
    await expect(port.describeCluster(home, "prod")).rejects.toMatchObject({
      code: "gateway_credentials",
    });
    expect(operations()).toEqual(["AssumeRole"]);
  });

  it("throws gateway_credentials for an account that has none, before anything is sent", async () => {
    const { port, calls } = containers(() => json({}));
    const elsewhere = { account: "999988887777", region: "us-east-1" };
    await expect(port.describeCluster(elsewhere, "prod")).rejects.toMatchObject({
      code: "gateway_credentials",
    });
    expect(calls).toEqual([]);
  });
});

describe("ecsContainers: clusters", () => {
  const cluster = { clusterArn, clusterName: "prod", status: "ACTIVE" };

  it("reads where a session's key and transcript are configured", async () => {
    const { port, calls } = containers(() =>
      json({
        clusters: [
          {
            ...cluster,
            configuration: {
              executeCommandConfiguration: { kmsKeyId: "key-1", logging: "OVERRIDE" },
            },
          },
        ],
      }),
    );
    expect(await port.describeCluster(home, "prod")).toEqual({
      clusterArn,
      clusterName: "prod",
      logging: "OVERRIDE",
      logDestinations: [],
      kmsKeyId: "key-1",
    });
    expect(calls[1]?.input).toEqual({ clusters: ["prod"], include: ["CONFIGURATIONS"] });
  });

  it("takes a cluster that says nothing of logging as one with the default", async () => {
    const { port } = containers(() => json({ clusters: [cluster] }));
    expect(await port.describeCluster(home, "prod")).toEqual({
      clusterArn,
      clusterName: "prod",
      logging: "DEFAULT",
      logDestinations: [],
    });
  });

  it("answers undefined for a cluster that is missing or deleted", async () => {
    const missing = containers(() => json({ clusters: [], failures: [{ reason: "MISSING" }] }));
    expect(await missing.port.describeCluster(home, "prod")).toBeUndefined();
    const deleted = containers(() => json({ clusters: [{ ...cluster, status: "INACTIVE" }] }));
    expect(await deleted.port.describeCluster(home, "prod")).toBeUndefined();
  });
});

describe("ecsContainers: services", () => {
  const service = (name: string) => ({
    serviceArn: serviceArn(name),
    serviceName: name,
    clusterArn,
    status: "ACTIVE",
    taskDefinition: `arn:aws:ecs:us-east-1:${account}:task-definition/${name}:3`,
    enableExecuteCommand: true,
    tags: [{ key: "team", value: "payments" }, { key: "empty" }],
  });

  it("reads a service with its tags", async () => {
    const { port, calls } = containers(() => json({ services: [service("api")] }));
    expect(await port.describeService(home, clusterArn, "api")).toEqual({
      serviceArn: serviceArn("api"),
      serviceName: "api",
      clusterArn,
      taskDefinitionArn: `arn:aws:ecs:us-east-1:${account}:task-definition/api:3`,
      enableExecuteCommand: true,
      tags: { team: "payments", empty: "" },
    });
    expect(calls[1]?.input).toEqual({
      cluster: clusterArn,
      services: ["api"],
      include: ["TAGS"],
    });
  });

  it("answers undefined for one that is missing, deleted, or in a cluster that is missing", async () => {
    const answers = [
      json({ services: [], failures: [{ reason: "MISSING" }] }),
      json({ services: [{ ...service("api"), status: "INACTIVE" }] }),
      awsError("ClusterNotFoundException"),
    ];
    for (const answer of answers) {
      const { port } = containers(() => answer);
      expect(await port.describeService(home, clusterArn, "api")).toBeUndefined();
    }
  });

  it("lists in pages and describes by ten, no more than the limit", async () => {
    const names = Array.from({ length: 35 }, (_, i) => `s${i}`);
    const { port, calls, operations } = containers(({ operation, input }) => {
      if (operation === "DescribeServices") {
        const asked = input["services"] as string[];
        return json({ services: asked.map((arn) => service(arn.split("/").at(-1) ?? "")) });
      }
      const from = Number(input["nextToken"] ?? 0);
      const page = names.slice(from, from + 20).map(serviceArn);
      return json({
        serviceArns: page,
        ...(from + 20 < names.length ? { nextToken: String(from + 20) } : {}),
      });
    });
    const found = await port.listServices(home, clusterArn, 25);
    expect(found.map(({ serviceName }) => serviceName)).toEqual(names.slice(0, 25));
    expect(operations().filter((operation) => operation === "ListServices")).toHaveLength(2);
    const described = calls.filter(({ operation }) => operation === "DescribeServices");
    expect(described.map(({ input }) => (input["services"] as string[]).length)).toEqual([
      10, 10, 5,
    ]);
    expect(described.every(({ input }) => (input["include"] as string[]).includes("TAGS"))).toBe(
      true,
    );
  });

  it("lists nothing in a cluster that is missing or empty, and describes nothing then", async () => {
    const missing = containers(() => awsError("ClusterNotFoundException"));
    expect(await missing.port.listServices(home, clusterArn, 10)).toEqual([]);
    const empty = containers(() => json({ serviceArns: [] }));
    expect(await empty.port.listServices(home, clusterArn, 10)).toEqual([]);
    expect(empty.operations()).toEqual(["AssumeRole", "ListServices"]);
  });
});

describe("ecsContainers: tasks", () => {
  const task = (n: number) => ({
    taskArn: taskArn(n),
    clusterArn,
    taskDefinitionArn: `arn:aws:ecs:us-east-1:${account}:task-definition/api:3`,
    lastStatus: "RUNNING",
    enableExecuteCommand: true,
    group: "service:api",
    platformFamily: "Linux",
    createdAt: 1_795_491_374.123,
    containers: [
      {
        name: "app",
        containerArn: "arn:app",
        runtimeId: "r-1",
        lastStatus: "RUNNING",
        imageDigest: "sha256:1",
        managedAgents: [
          { name: "SomethingElse", lastStatus: "STOPPED" },
          { name: "ExecuteCommandAgent", lastStatus: "RUNNING" },
        ],
      },
      { name: "envoy", containerArn: "arn:envoy", lastStatus: "PENDING" },
    ],
  });

  it.each([
    [{ service: "api" }, { serviceName: "api" }],
    [{ family: "reports" }, { family: "reports" }],
    [{ cluster: true } as const, {}],
  ])("lists the running tasks of %o", async (of, filter) => {
    const { port, calls } = containers(() => json({ taskArns: [taskArn(1)] }));
    expect(await port.listTasks(home, clusterArn, of)).toEqual([taskArn(1)]);
    expect(calls[1]?.input).toEqual({
      cluster: clusterArn,
      desiredStatus: "RUNNING",
      maxResults: 100,
      ...filter,
    });
  });

  it.each(["ServiceNotFoundException", "ClusterNotFoundException"])(
    "lists none on %s",
    async (name) => {
      const { port } = containers(() => awsError(name));
      expect(await port.listTasks(home, clusterArn, { service: "gone" })).toEqual([]);
    },
  );

  it("reads a task, its containers, and of their agents the one that serves exec", async () => {
    const { port, calls } = containers(() =>
      json({ tasks: [task(1)], failures: [{ arn: taskArn(2), reason: "MISSING" }] }),
    );
    expect(await port.describeTasks(home, clusterArn, [taskArn(1), taskArn(2)])).toEqual([
      {
        taskArn: taskArn(1),
        clusterArn,
        taskDefinitionArn: `arn:aws:ecs:us-east-1:${account}:task-definition/api:3`,
        lastStatus: "RUNNING",
        enableExecuteCommand: true,
        group: "service:api",
        platformFamily: "Linux",
        createdAt: 1_795_491_374_123,
        containers: [
          {
            name: "app",
            containerArn: "arn:app",
            runtimeId: "r-1",
            lastStatus: "RUNNING",
            imageDigest: "sha256:1",
            execAgent: { lastStatus: "RUNNING" },
          },
          { name: "envoy", containerArn: "arn:envoy", lastStatus: "PENDING" },
        ],
      },
    ]);
    expect(calls[1]?.input).toEqual({ cluster: clusterArn, tasks: [taskArn(1), taskArn(2)] });
  });

  it("describes at most a hundred at a time, and nothing when nothing is asked for", async () => {
    const { port, calls } = containers(({ input }) =>
      json({ tasks: (input["tasks"] as string[]).map((_, i) => task(i)) }),
    );
    const arns = Array.from({ length: 150 }, (_, i) => taskArn(i));
    expect(await port.describeTasks(home, clusterArn, arns)).toHaveLength(150);
    expect(calls.slice(1).map(({ input }) => (input["tasks"] as string[]).length)).toEqual([
      100, 50,
    ]);
    expect(await port.describeTasks(home, clusterArn, [])).toEqual([]);
    expect(calls).toHaveLength(3);
  });

  it("reads no half of an answer", async () => {
    const { taskArn: _, ...nameless } = task(1);
    const { port } = containers(() => json({ tasks: [nameless] }));
    await expect(port.describeTasks(home, clusterArn, ["x"])).rejects.toMatchObject({
      code: "internal",
    });
  });
});

describe("ecsContainers: task definitions", () => {
  const arn = `arn:aws:ecs:us-east-1:${account}:task-definition/reports:7`;

  it("reads family, tags and where each container logs, and keeps no environment", async () => {
    const { port, calls } = containers(() =>
      json({
        taskDefinition: {
          taskDefinitionArn: arn,
          family: "reports",
          pidMode: "task",
          containerDefinitions: [
            {
              name: "job",
              environment: [{ name: "DB_PASSWORD", value: "hunter2" }],
              logConfiguration: { logDriver: "awslogs" },
            },
            { name: "sidecar", logConfiguration: { logDriver: "awsfirelens" } },
          ],
        },
        tags: [{ key: "team", value: "data" }],
      }),
    );
    const found = await port.describeTaskDefinition(home, arn);
    expect(found).toMatchObject({
      taskDefinitionArn: arn,
      family: "reports",
      pidMode: "task",
      tags: { team: "data" },
      containers: [
        { name: "job", awslogs: true },
        { name: "sidecar", awslogs: false },
      ],
    });
    expect(JSON.stringify(found)).not.toContain("hunter2");
    expect(calls[1]?.input).toEqual({ taskDefinition: arn, include: ["TAGS"] });
  });

  it("answers undefined for one that does not exist", async () => {
    const { port } = containers(() =>
      awsError("ClientException", "Unable to describe task definition."),
    );
    expect(await port.describeTaskDefinition(home, arn)).toBeUndefined();
  });

  it("asks again each time: its tags decide, and they can change", async () => {
    const { port, operations } = containers(() =>
      json({ taskDefinition: { taskDefinitionArn: arn, family: "reports" } }),
    );
    await port.describeTaskDefinition(home, arn);
    await port.describeTaskDefinition(home, arn);
    expect(operations().filter((name) => name === "DescribeTaskDefinition")).toHaveLength(2);
  });
});

describe("ecsContainers: failures", () => {
  it.each([
    ["AccessDeniedException", "gateway_credentials"],
    ["ExpiredTokenException", "gateway_credentials"],
    ["InvalidParameterException", "internal"],
    ["ClientException", "internal"],
  ])("takes %s as %s", async (name, code) => {
    const { port } = containers(() => awsError(name));
    await expect(port.listTasks(home, clusterArn, { cluster: true })).rejects.toMatchObject({
      code,
    });
  });
});
