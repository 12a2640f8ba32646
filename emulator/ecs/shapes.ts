import type { Cluster, Container, Service, Task, TaskDefinition } from "../fleet.ts";
import type { Tags } from "../fleet-description.ts";
import type { JsonObject } from "../json.ts";
import { present } from "../world.ts";

/*
 * The wire shapes of ECS, as the Describe calls answer them: lower camel case, times in seconds. Tags
 * are an empty list unless the call includes TAGS.
 */

export function clusterShape(cluster: Cluster, include: readonly string[]): JsonObject {
  return present({
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: "ACTIVE",
    activeServicesCount: cluster.services.length,
    runningTasksCount: running(cluster.tasks),
    pendingTasksCount: 0,
    registeredContainerInstancesCount: 0,
    tags: include.includes("TAGS") ? tagShapes(cluster.tags) : [],
    configuration: include.includes("CONFIGURATIONS") ? cluster.configuration : undefined,
  });
}

export function serviceShape(
  cluster: Cluster,
  service: Service,
  definitionArn: string,
  include: readonly string[],
): JsonObject {
  const runningCount = running(cluster.tasks.filter(({ service: name }) => name === service.name));
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: cluster.arn,
    status: "ACTIVE",
    desiredCount: service.desiredCount,
    runningCount,
    pendingCount: 0,
    launchType: "FARGATE",
    platformVersion: "1.4.0",
    platformFamily: "Linux",
    taskDefinition: definitionArn,
    enableExecuteCommand: service.enableExecuteCommand,
    schedulingStrategy: "REPLICA",
    createdAt: service.createdAt / 1_000,
    deployments: [],
    events: [],
    tags: include.includes("TAGS") ? tagShapes(service.tags) : [],
  };
}

export function taskShape(task: Task, include: readonly string[]): JsonObject {
  return present({
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: task.definition.arn,
    group:
      task.service === undefined ? `family:${task.definition.family}` : `service:${task.service}`,
    startedBy: task.service === undefined ? undefined : `ecs-svc/${task.id.slice(0, 19)}`,
    lastStatus: task.lastStatus,
    desiredStatus: task.lastStatus,
    enableExecuteCommand: task.enableExecuteCommand,
    launchType: task.runsOn.launchType,
    capacityProviderName: task.runsOn.capacityProvider,
    platformVersion: task.runsOn.platformVersion,
    platformFamily: task.runsOn.platformFamily,
    connectivity: task.lastStatus === "RUNNING" ? "CONNECTED" : undefined,
    createdAt: task.startedAt / 1_000,
    startedAt: task.startedAt / 1_000,
    stoppedAt: task.stoppedAt === undefined ? undefined : task.stoppedAt / 1_000,
    stoppedReason: task.stoppedReason,
    stopCode: task.stoppedAt === undefined ? undefined : "UserInitiated",
    attachments:
      task.subnet === undefined
        ? []
        : [
            {
              type: "ElasticNetworkInterface",
              status: "ATTACHED",
              details: [{ name: "subnetId", value: task.subnet }],
            },
          ],
    attributes: [],
    overrides: { containerOverrides: [] },
    containers: task.containers.map((container) => containerShape(task, container)),
    tags: include.includes("TAGS") ? tagShapes(task.tags) : [],
  });
}

export function taskDefinitionShape(definition: TaskDefinition): JsonObject {
  return present({
    taskDefinitionArn: definition.arn,
    family: definition.family,
    revision: definition.revision,
    status: "ACTIVE",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    taskRoleArn: definition.taskRoleArn,
    pidMode: definition.pidMode,
    volumes: [],
    containerDefinitions: definition.containers.map((container) =>
      present({
        name: container.name,
        image: container.image,
        essential: true,
        environment: Object.entries(container.environment ?? {}).map(([name, value]) => ({
          name,
          value,
        })),
        secrets: (container.secrets ?? []).map((name) => ({
          name,
          valueFrom: name,
        })),
        mountPoints: (container.mountPoints ?? []).map((mount) => ({
          sourceVolume: "data",
          ...mount,
        })),
        logConfiguration:
          container.logDriver === undefined ? undefined : { logDriver: container.logDriver },
        user: container.user,
        readonlyRootFilesystem: container.readonlyRootFilesystem,
        linuxParameters:
          container.initProcessEnabled === undefined
            ? undefined
            : { initProcessEnabled: container.initProcessEnabled },
      }),
    ),
  });
}

export function tagShapes(tags: Tags): JsonObject[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

function containerShape(task: Task, container: Container): JsonObject {
  return present({
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: task.lastStatus,
    healthStatus: "UNKNOWN",
    networkInterfaces: [],
    managedAgents: task.enableExecuteCommand
      ? [
          present({
            name: "ExecuteCommandAgent",
            lastStatus: container.agent === "LOST" ? "RUNNING" : container.agent,
            lastStartedAt: container.agent === "PENDING" ? undefined : task.startedAt / 1_000,
          }),
        ]
      : undefined,
  });
}

function running(tasks: readonly Task[]): number {
  return tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
}
