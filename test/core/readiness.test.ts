import { describe, expect, it } from "vitest";
import type { Cluster, Task, TaskDefinition } from "../../core/containers.ts";
import { readinessOf } from "../../core/readiness.ts";

const cluster: Cluster = {
  clusterArn: "arn:aws:ecs:us-east-1:111122223333:cluster/prod",
  clusterName: "prod",
  logging: "NONE",
  logDestinations: [],
};
const definition: TaskDefinition = {
  taskDefinitionArn: "arn:aws:ecs:us-east-1:111122223333:task-definition/web:1",
  family: "web",
  taskRoleArn: "arn:aws:iam::111122223333:role/web",
  tags: {},
  containers: ["app", "envoy"].map((name) => ({
    name,
    awslogs: false,
    initProcessEnabled: true,
    readonlyRootFilesystem: false,
    mounts: [],
    mountsOfOthers: false,
    awsKeyVariables: [],
  })),
};
type Agent = "RUNNING" | "PENDING" | "STOPPED";
const task = (app: Agent, envoy: Agent, more: Partial<Task> = {}): Task => ({
  taskArn: "arn:aws:ecs:us-east-1:111122223333:task/prod/0",
  clusterArn: cluster.clusterArn,
  taskDefinitionArn: definition.taskDefinitionArn,
  lastStatus: "RUNNING",
  enableExecuteCommand: true,
  launchType: "FARGATE",
  platformVersion: "1.4.0",
  containers: [
    ["app", app],
    ["envoy", envoy],
  ].map(([name = "", lastStatus = ""]) => ({
    name,
    containerArn: name,
    lastStatus: "RUNNING",
    execAgent: { lastStatus },
  })),
  ...more,
});
const found = (...tasks: Task[]) => readinessOf(cluster, tasks, [definition]);

describe("the readiness of a service", () => {
  it("is the share of tasks in each of whose containers ECS Exec would work now", () => {
    expect(found(task("RUNNING", "RUNNING"))).toEqual({ running: 1, ready: 1, problems: [] });
    const { running, ready, problems } = found(
      task("RUNNING", "RUNNING"),
      task("RUNNING", "STOPPED"),
      task("PENDING", "RUNNING"),
    );
    expect([running, ready]).toEqual([3, 1]);
    expect(problems).toMatchObject([{ check: "exec_agent", tasks: 2 }]);
  });

  it("names what fails in most tasks first, each task once, with what to do", () => {
    const { problems } = found(
      task("STOPPED", "STOPPED"),
      task("STOPPED", "STOPPED", { platformVersion: "1.3.0" }),
    );
    expect(problems.map(({ check, tasks }) => [check, tasks])).toEqual([
      ["exec_agent", 2],
      ["platform_version", 1],
    ]);
    expect(problems.every(({ remedy }) => remedy !== "")).toBe(true);
  });

  it("is nothing of nothing where nothing runs, and says so beside what fails for all", () => {
    expect(found()).toMatchObject({ running: 0, ready: 0, problems: [{ check: "running_task" }] });
    const encrypted = readinessOf({ ...cluster, kmsKeyId: "key" }, [], [definition]);
    expect(encrypted.problems.map(({ check }) => check)).toEqual([
      "cluster_kms_key",
      "running_task",
    ]);
  });
});
