import type * as ecs from "@aws-sdk/client-ecs";
import {
  awsKeyVariables,
  type Cluster,
  type DefinedContainer,
  type Service,
  type Task,
  type TaskContainer,
  type TaskDefinition,
} from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";

/*
 * ECS's answers, cut down to what the gateway uses. The rest is dropped here, above all the values of a
 * task definition's environment and overrides: people keep secrets in them. ECS's model calls every member optional; one that is
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
    logDestinations: logDestinationsOf(exec?.logConfiguration),
    ...(given(exec?.kmsKeyId) ? { kmsKeyId: exec.kmsKeyId } : {}),
  };
}

function logDestinationsOf(
  to: ecs.ExecuteCommandLogConfiguration | undefined,
): Cluster["logDestinations"] {
  const named = [
    {
      kind: "log_group",
      name: to?.cloudWatchLogGroupName ?? "",
      mustBeEncrypted: to?.cloudWatchEncryptionEnabled === true,
    },
    {
      kind: "bucket",
      name: to?.s3BucketName ?? "",
      ...(given(to?.s3KeyPrefix) ? { prefix: to.s3KeyPrefix } : {}),
      mustBeEncrypted: to?.s3EncryptionEnabled === true,
    },
  ] as const;
  return named.filter(({ name }) => name !== "");
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
    ...(given(task.desiredStatus) ? { desiredStatus: task.desiredStatus } : {}),
    ...(given(task.stoppedReason) ? { stoppedReason: task.stoppedReason } : {}),
    enableExecuteCommand: task.enableExecuteCommand === true,
    ...(given(task.launchType) ? { launchType: task.launchType } : {}),
    ...(given(task.capacityProviderName) ? { capacityProvider: task.capacityProviderName } : {}),
    ...(given(task.platformVersion) ? { platformVersion: task.platformVersion } : {}),
    ...(given(task.overrides?.taskRoleArn) ? { taskRoleArn: task.overrides.taskRoleArn } : {}),
    ...subnetsOf(task.attachments ?? []),
    ...overriddenKeys(task.overrides?.containerOverrides ?? []),
    ...(given(task.group) ? { group: task.group } : {}),
    ...(given(task.platformFamily) ? { platformFamily: task.platformFamily } : {}),
    ...(task.createdAt === undefined ? {} : { createdAt: task.createdAt.getTime() }),
    containers: (task.containers ?? []).map(containerOf),
  };
}

function subnetsOf(attachments: ecs.Attachment[]): Pick<Task, "subnets"> {
  const subnets = attachments
    .filter(({ type }) => type === "ElasticNetworkInterface")
    .flatMap(({ details = [] }) => details)
    .flatMap(({ name, value }) => (name === "subnetId" && given(value) ? [value] : []));
  return subnets.length === 0 ? {} : { subnets };
}

function overriddenKeys(overrides: ecs.ContainerOverride[]): Pick<Task, "awsKeyVariables"> {
  const found: { [container: string]: string[] } = Object.create(null);
  for (const { name, environment } of overrides) {
    const names = keyVariablesAmong(environment ?? []);
    if (name !== undefined && names.length > 0) found[name] = names;
  }
  return Object.keys(found).length === 0 ? {} : { awsKeyVariables: found };
}

function keyVariablesAmong(variables: { name?: string | undefined }[]): string[] {
  return awsKeyVariables.filter((variable) => variables.some(({ name }) => name === variable));
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
    ...(given(definition.taskRoleArn) ? { taskRoleArn: definition.taskRoleArn } : {}),
    tags: tagsOf(tags),
    containers: (definition.containerDefinitions ?? []).map(definedContainerOf),
  };
}

function definedContainerOf(container: ecs.ContainerDefinition): DefinedContainer {
  const { linuxParameters } = container;
  const volumes = (container.mountPoints ?? []).map(({ containerPath, readOnly }) => ({
    path: containerPath ?? "",
    writable: readOnly !== true,
  }));
  const inMemory = (linuxParameters?.tmpfs ?? []).map(({ containerPath, mountOptions }) => ({
    path: containerPath ?? "",
    writable: mountOptions?.includes("ro") !== true,
  }));
  return {
    name: need(container.name, "container definition", "name"),
    awslogs: container.logConfiguration?.logDriver === "awslogs",
    initProcessEnabled: linuxParameters?.initProcessEnabled === true,
    readonlyRootFilesystem: container.readonlyRootFilesystem === true,
    mounts: [...volumes, ...inMemory].filter(({ path }) => path !== ""),
    mountsOfOthers: (container.volumesFrom ?? []).length > 0,
    awsKeyVariables: keyVariablesAmong([
      ...(container.environment ?? []),
      ...(container.secrets ?? []),
    ]),
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
