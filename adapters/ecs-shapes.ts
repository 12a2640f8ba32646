import type * as ecs from "@aws-sdk/client-ecs";
import type { Cluster, Service, Task, TaskContainer, TaskDefinition } from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";

/*
 * ECS's answers, cut down to what the gateway uses. The rest is dropped here, above all the environment
 * of a task definition: people keep secrets in it. ECS's model calls every member optional; one that is
 * always there and is missing makes the answer unreadable (`internal`), never half read.
 */

export function clusterOf(cluster: ecs.Cluster): Cluster {
  const exec = cluster.configuration?.executeCommandConfiguration;
  const logging = exec?.logging ?? "DEFAULT";
  if (logging !== "NONE" && logging !== "DEFAULT" && logging !== "OVERRIDE") {
    throw unreadable("cluster", "logging");
  }
  return {
    clusterArn: need(cluster.clusterArn, "cluster", "clusterArn"),
    clusterName: need(cluster.clusterName, "cluster", "clusterName"),
    logging,
    ...(given(exec?.kmsKeyId) ? { kmsKeyId: exec.kmsKeyId } : {}),
  };
}

export function serviceOf(service: ecs.Service): Service {
  return {
    serviceArn: need(service.serviceArn, "service", "serviceArn"),
    serviceName: need(service.serviceName, "service", "serviceName"),
    clusterArn: need(service.clusterArn, "service", "clusterArn"),
    // A service whose deployments something else controls has none: its task sets do. Nothing equals "".
    taskDefinitionArn: service.taskDefinition ?? "",
    enableExecuteCommand: service.enableExecuteCommand === true,
    tags: tagsOf(service.tags ?? []),
  };
}

export function taskOf(task: ecs.Task): Task {
  return {
    taskArn: need(task.taskArn, "task", "taskArn"),
    clusterArn: need(task.clusterArn, "task", "clusterArn"),
    taskDefinitionArn: need(task.taskDefinitionArn, "task", "taskDefinitionArn"),
    lastStatus: need(task.lastStatus, "task", "lastStatus"),
    enableExecuteCommand: task.enableExecuteCommand === true,
    ...(given(task.group) ? { group: task.group } : {}),
    ...(given(task.platformFamily) ? { platformFamily: task.platformFamily } : {}),
    ...(task.createdAt === undefined ? {} : { createdAt: task.createdAt.getTime() }),
    containers: (task.containers ?? []).map(containerOf),
  };
}

function containerOf(container: ecs.Container): TaskContainer {
  // By name: the position of an agent in the list says nothing.
  const agent = (container.managedAgents ?? []).find(({ name }) => name === "ExecuteCommandAgent");
  return {
    name: need(container.name, "container", "name"),
    containerArn: need(container.containerArn, "container", "containerArn"),
    lastStatus: container.lastStatus ?? "UNKNOWN",
    ...(given(container.runtimeId) ? { runtimeId: container.runtimeId } : {}),
    ...(given(container.imageDigest) ? { imageDigest: container.imageDigest } : {}),
    ...(agent === undefined
      ? {}
      : {
          execAgent: {
            lastStatus: agent.lastStatus ?? "UNKNOWN",
            ...(given(agent.reason) ? { reason: agent.reason } : {}),
          },
        }),
  };
}

export function taskDefinitionOf(definition: ecs.TaskDefinition, tags: ecs.Tag[]): TaskDefinition {
  return {
    taskDefinitionArn: need(definition.taskDefinitionArn, "task definition", "taskDefinitionArn"),
    family: need(definition.family, "task definition", "family"),
    ...(given(definition.pidMode) ? { pidMode: definition.pidMode } : {}),
    tags: tagsOf(tags),
    containers: (definition.containerDefinitions ?? []).map((container) => ({
      name: need(container.name, "container definition", "name"),
      awslogs: container.logConfiguration?.logDriver === "awslogs",
    })),
  };
}

/** Tags as a record without a prototype: a tag may be called `__proto__`. */
function tagsOf(tags: ecs.Tag[]): { [key: string]: string } {
  const record: { [key: string]: string } = Object.create(null);
  for (const { key, value } of tags) {
    if (key !== undefined) record[key] = value ?? "";
  }
  return record;
}

function given(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

function need(value: string | undefined, what: string, member: string): string {
  if (!given(value)) throw unreadable(what, member);
  return value;
}

function unreadable(what: string, member: string): SallyportError {
  return new SallyportError("internal", `ECS answered a ${what} without a readable ${member}`);
}
