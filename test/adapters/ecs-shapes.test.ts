import { describe, expect, it } from "vitest";
import { clusterOf, taskDefinitionOf, taskOf } from "../../adapters/ecs-shapes.ts";

const arn = "arn:aws:ecs:us-east-1:111122223333";
const hidden = "do-not-keep-me";

describe("a cluster, as ECS describes it", () => {
  const clusterWith = (logConfiguration: object | undefined) =>
    clusterOf({
      clusterArn: `${arn}:cluster/prod`,
      clusterName: "prod",
      configuration: {
        executeCommandConfiguration: {
          logging: "OVERRIDE",
          ...(logConfiguration === undefined ? {} : { logConfiguration }),
        },
      },
    }).logDestinations;

  it("names where transcripts go, and whether the agent demands encryption there", () => {
    expect(
      clusterWith({
        cloudWatchLogGroupName: "/exec",
        cloudWatchEncryptionEnabled: true,
        s3BucketName: "transcripts",
        s3EncryptionEnabled: false,
      }),
    ).toEqual([
      { kind: "log_group", name: "/exec", mustBeEncrypted: true },
      { kind: "bucket", name: "transcripts", mustBeEncrypted: false },
    ]);
    expect(clusterWith({ s3BucketName: "b", s3EncryptionEnabled: true })).toEqual([
      { kind: "bucket", name: "b", mustBeEncrypted: true },
    ]);
  });

  it("has none where none is named, whatever its flags say", () => {
    expect(clusterWith({ cloudWatchEncryptionEnabled: true, s3EncryptionEnabled: true })).toEqual(
      [],
    );
    expect(clusterWith({ cloudWatchLogGroupName: "" })).toEqual([]);
    expect(clusterWith(undefined)).toEqual([]);
  });
});

describe("a task, as ECS describes it", () => {
  const task = {
    taskArn: `${arn}:task/prod/1`,
    clusterArn: `${arn}:cluster/prod`,
    taskDefinitionArn: `${arn}:task-definition/web:3`,
    lastStatus: "RUNNING",
  };

  it("says where it runs, what will become of it, and what whoever started it put in place", () => {
    expect(
      taskOf({
        ...task,
        desiredStatus: "STOPPED",
        stoppedReason: "scaled in",
        launchType: "FARGATE",
        capacityProviderName: "FARGATE_SPOT",
        platformVersion: "1.4.0",
        overrides: {
          taskRoleArn: "arn:aws:iam::111122223333:role/other",
          containerOverrides: [
            { name: "app", environment: [{ name: "AWS_ACCESS_KEY_ID", value: hidden }] },
            { name: "sidecar", environment: [{ name: "DB_PASSWORD", value: hidden }] },
            { environment: [{ name: "AWS_ACCESS_KEY", value: hidden }] },
          ],
        },
      }),
    ).toEqual({
      ...task,
      desiredStatus: "STOPPED",
      stoppedReason: "scaled in",
      enableExecuteCommand: false,
      launchType: "FARGATE",
      capacityProvider: "FARGATE_SPOT",
      platformVersion: "1.4.0",
      taskRoleArn: "arn:aws:iam::111122223333:role/other",
      awsKeyVariables: { app: ["AWS_ACCESS_KEY_ID"] },
      containers: [],
    });
  });

  it("leaves out what ECS does not say", () => {
    expect(
      taskOf({ ...task, overrides: { containerOverrides: [] }, launchType: undefined }),
    ).toEqual({ ...task, enableExecuteCommand: false, containers: [] });
  });

  it("finds the exec agent by its name, wherever it stands", () => {
    const other = { name: "AnotherAgent", lastStatus: "RUNNING" } as never;
    const exec = { name: "ExecuteCommandAgent" as const, lastStatus: "STOPPED", reason: "died" };
    const agentOf = (managedAgents: (typeof exec)[]) =>
      taskOf({ ...task, containers: [{ name: "app", containerArn: "arn:app", managedAgents }] })
        .containers[0]?.execAgent;
    for (const agents of [
      [other, exec],
      [exec, other],
    ]) {
      expect(agentOf(agents)).toEqual({ lastStatus: "STOPPED", reason: "died" });
    }
    expect(agentOf([other])).toBeUndefined();
  });
});

describe("a task definition, as ECS describes it", () => {
  const described = (container: object, more: object = {}) =>
    taskDefinitionOf(
      {
        taskDefinitionArn: `${arn}:task-definition/web:3`,
        family: "web",
        containerDefinitions: [{ name: "app", ...container }],
        ...more,
      },
      [],
    );

  it("says of each container what ECS Exec depends on", () => {
    const found = described(
      {
        readonlyRootFilesystem: true,
        logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "/web" } },
        mountPoints: [
          { containerPath: "/data" },
          { containerPath: "/etc/app", readOnly: true, sourceVolume: "etc" },
          { sourceVolume: "nowhere" },
        ],
        volumesFrom: [{ sourceContainer: "sidecar" }],
        linuxParameters: {
          initProcessEnabled: true,
          tmpfs: [
            { containerPath: "/var/lib/amazon/ssm", size: 64 },
            { containerPath: "/srv", size: 64, mountOptions: ["ro"] },
          ],
        },
      },
      { taskRoleArn: "arn:aws:iam::111122223333:role/web", pidMode: "task" },
    );
    expect(found).toEqual({
      taskDefinitionArn: `${arn}:task-definition/web:3`,
      family: "web",
      taskRoleArn: "arn:aws:iam::111122223333:role/web",
      pidMode: "task",
      tags: {},
      containers: [
        {
          name: "app",
          awslogs: true,
          initProcessEnabled: true,
          readonlyRootFilesystem: true,
          mounts: [
            { path: "/data", writable: true },
            { path: "/etc/app", writable: false },
            { path: "/var/lib/amazon/ssm", writable: true },
            { path: "/srv", writable: false },
          ],
          mountsOfOthers: true,
          awsKeyVariables: [],
        },
      ],
    });
  });

  it("keeps the names of AWS key variables, set or secret, and no value and no other name", () => {
    const found = described({
      environment: [
        { name: "AWS_ACCESS_KEY_ID", value: hidden },
        { name: "DB_PASSWORD", value: hidden },
      ],
      secrets: [{ name: "AWS_SECRET_ACCESS_KEY", valueFrom: `${hidden}-arn` }],
    });
    expect(found.containers[0]?.awsKeyVariables).toEqual([
      "AWS_ACCESS_KEY_ID",
      "AWS_SECRET_ACCESS_KEY",
    ]);
    expect(JSON.stringify(found)).not.toMatch(/do-not-keep-me|DB_PASSWORD/);
  });
});
