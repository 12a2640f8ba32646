import type { Random } from "../../core/clock.ts";
import type { Cluster, Service, Task, TaskDefinition } from "../../core/containers.ts";
import { bytesToHex } from "../../core/digest.ts";

export const place = { account: "111122223333", region: "us-east-1" };
const arn = `arn:aws:ecs:${place.region}:${place.account}`;

export interface Fleet {
  clusters: Cluster[];
  services: Service[];
  definitions: TaskDefinition[];
  /** With the service it belongs to, where it does. */
  tasks: (Task & { service?: string })[];
}

export function clusterArn(name: string): string {
  return `${arn}:cluster/${name}`;
}

/** Two tasks of two containers (`payments-api`), one of one (`reports`), one that shares its PIDs (`shared`). */
export function demoFleet(now: number, random: Random): Fleet {
  const cluster: Cluster = {
    clusterArn: clusterArn("demo"),
    clusterName: "demo",
    logging: "OVERRIDE",
    logDestinations: [{ kind: "log_group", name: "/exec", mustBeEncrypted: false }],
  };
  const definitions = [
    definitionOf("web:3", ["app", "envoy"]),
    definitionOf("one:1", ["app"]),
    { ...definitionOf("shared:1", ["app", "sidecar"]), pidMode: "task" },
  ];
  const services = [
    serviceOf("payments-api", "web:3"),
    serviceOf("reports", "one:1"),
    serviceOf("shared", "shared:1"),
  ];
  const fleet: Fleet = { clusters: [cluster], services, definitions, tasks: [] };
  for (const [service, count] of [
    ["payments-api", 2],
    ["reports", 1],
    ["shared", 1],
  ] as const) {
    for (let n = 0; n < count; n++) startTask(fleet, service, now - 3_600_000 + n, random);
  }
  return fleet;
}

/** Starts a task of a service, in all its containers. */
export function startTask(fleet: Fleet, service: string, now: number, random: Random): Task {
  const id = bytesToHex(random(16));
  const its = fleet.services.find(({ serviceName }) => serviceName === service);
  const definition = fleet.definitions.find(
    ({ taskDefinitionArn }) => taskDefinitionArn === its?.taskDefinitionArn,
  );
  if (its === undefined || definition === undefined) throw new Error(`no service ${service}`);
  const task: Task & { service: string } = {
    service,
    taskArn: `${arn}:task/demo/${id}`,
    clusterArn: its.clusterArn,
    taskDefinitionArn: definition.taskDefinitionArn,
    lastStatus: "RUNNING",
    desiredStatus: "RUNNING",
    enableExecuteCommand: its.enableExecuteCommand,
    launchType: "FARGATE",
    platformVersion: "1.4.0",
    group: `service:${service}`,
    createdAt: now,
    containers: definition.containers.map(({ name }, n) => ({
      name,
      containerArn: `${arn}:container/demo/${id}/${name}`,
      runtimeId: `${id}-${n}`,
      lastStatus: "RUNNING",
      imageDigest: "sha256:one",
      execAgent: { lastStatus: "RUNNING" },
    })),
  };
  fleet.tasks.push(task);
  return task;
}

function serviceOf(serviceName: string, definition: string): Service {
  return {
    serviceArn: `${arn}:service/demo/${serviceName}`,
    serviceName,
    clusterArn: clusterArn("demo"),
    taskDefinitionArn: `${arn}:task-definition/${definition}`,
    enableExecuteCommand: true,
    tags: { team: "payments" },
  };
}

function definitionOf(name: string, containers: string[]): TaskDefinition {
  return {
    taskDefinitionArn: `${arn}:task-definition/${name}`,
    family: name.split(":")[0] ?? name,
    taskRoleArn: `arn:aws:iam::${place.account}:role/web`,
    tags: { team: "payments" },
    containers: containers.map((container) => ({
      name: container,
      awslogs: true,
      initProcessEnabled: true,
      readonlyRootFilesystem: false,
      mounts: [],
      mountsOfOthers: false,
      awsKeyVariables: [],
    })),
  };
}
