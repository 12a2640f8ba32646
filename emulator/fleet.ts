import { createHash } from "node:crypto";
import type {
  AgentState,
  ClusterDescription,
  ContainerDescription,
  FleetDescription,
  Hosting,
  NetworkDescription,
  ServiceDescription,
  Tags,
  TaskDefinitionDescription,
} from "./fleet-description.ts";
import type { JsonObject } from "./json.ts";

export interface Cluster {
  name: string;
  arn: string;
  tags: Tags;
  configuration?: JsonObject;
  services: Service[];
  /** Of its services and of none, running and stopped, oldest first. */
  tasks: Task[];
}

export interface Service extends Omit<ServiceDescription, "tags" | "taskTags" | "agent"> {
  arn: string;
  tags: Tags;
  taskTags: Tags;
  agent: AgentState;
  createdAt: number;
  /** Environment set after the start, by container: it survives the replacement of a task. */
  environment: { [container: string]: { [name: string]: string } };
}

export interface Task {
  id: string;
  arn: string;
  clusterArn: string;
  service?: string;
  definition: TaskDefinition;
  enableExecuteCommand: boolean;
  lastStatus: "RUNNING" | "STOPPED";
  tags: Tags;
  containers: Container[];
  runsOn: Hosting;
  subnet?: string;
  /** Epoch milliseconds. */
  startedAt: number;
  stoppedAt?: number;
  stoppedReason?: string;
}

export interface Container extends ContainerDescription {
  arn: string;
  runtimeId: string;
  imageDigest: string;
  agent: AgentState;
  environment: { [name: string]: string };
}

export interface TaskDefinition extends TaskDefinitionDescription {
  arn: string;
}

/** The clusters as they are now, and what a test or a demo may do to them. */
export interface Fleet {
  readonly clusters: readonly Cluster[];
  readonly taskDefinitions: readonly TaskDefinition[];
  readonly network: NetworkDescription;
  /**
   * Stops the service's oldest running task and starts another, as a deployment does; answers the new
   * task's ARN. A service of a name that two clusters use is named `cluster/service`.
   */
  replaceTask(service: string): string;
  /** Stops a task and everything that runs in its containers. */
  stopTask(taskArn: string, reason?: string): void;
  /** Sets variables for commands started from now on, in this and all later tasks of the service. */
  setContainerEnv(cluster: string, service: string, container: string, env: Tags): void;
  /** Sets the agent's state in the service's running tasks and those to come. */
  setAgent(service: string, agent: AgentState): void;
  setServiceTags(service: string, tags: Tags): void;
  /** The definition of the tasks to come, as UpdateService sets it; running ones keep theirs. */
  setTaskDefinition(service: string, definition: string): void;
}

export interface FleetOptions {
  account: string;
  region: string;
  now: () => number;
  random: (n: number) => Uint8Array;
  /** Called once the task is STOPPED: whatever runs in it has to go. */
  onTaskStopped: (task: Task) => void;
}

const STOPPED_SHOWN_MS = 3_600_000;
const FARGATE: Hosting = {
  launchType: "FARGATE",
  platformVersion: "1.4.0",
  platformFamily: "Linux",
};

/** Builds the fleet. Throws TypeError where the description names a definition it does not hold. */
export function createFleet(description: FleetDescription, options: FleetOptions): Fleet {
  const { account, region, now, random } = options;
  const arn = (rest: string): string => `arn:aws:ecs:${region}:${account}:${rest}`;
  const hex = (bytes: number): string => Buffer.from(random(bytes)).toString("hex");

  const taskDefinitions = description.taskDefinitions.map(
    (definition): TaskDefinition => ({
      ...definition,
      arn: arn(`task-definition/${definition.family}:${definition.revision}`),
    }),
  );
  const definitionOf = (name: string): TaskDefinition => {
    const found = taskDefinitions.find(({ family, revision }) => `${family}:${revision}` === name);
    if (found === undefined) throw new TypeError(`no task definition ${name} in the fleet`);
    return found;
  };

  const startTask = (
    cluster: Cluster,
    from: {
      taskDefinition: string;
      enableExecuteCommand: boolean;
      tags: Tags;
      agent: AgentState;
      runsOn?: Hosting;
      subnet?: string;
    },
    service?: Service,
  ): Task => {
    const id = hex(16);
    const definition = definitionOf(from.taskDefinition);
    const task: Task = {
      id,
      arn: arn(`task/${cluster.name}/${id}`),
      clusterArn: cluster.arn,
      ...(service === undefined ? {} : { service: service.name }),
      definition,
      enableExecuteCommand: from.enableExecuteCommand,
      lastStatus: "RUNNING",
      tags: { ...from.tags },
      startedAt: now(),
      runsOn: from.runsOn ?? FARGATE,
      ...(from.subnet === undefined ? {} : { subnet: from.subnet }),
      containers: definition.containers.map((container) => ({
        ...container,
        arn: arn(`container/${cluster.name}/${id}/${hex(16)}`),
        // Fargate's form: the task id and ten digits.
        runtimeId: `${id}-${String(Buffer.from(random(6)).readUIntBE(0, 6) % 1e10).padStart(10, "0")}`,
        imageDigest: container.imageDigest ?? `sha256:${sha256Hex(container.image)}`,
        agent: from.agent,
        environment: { ...container.environment, ...service?.environment[container.name] },
      })),
    };
    // ECS shows a stopped task for about an hour; kept longer, they would pile up.
    cluster.tasks = cluster.tasks.filter(
      ({ stoppedAt }) => stoppedAt === undefined || stoppedAt + STOPPED_SHOWN_MS > now(),
    );
    cluster.tasks.push(task);
    return task;
  };

  const startServiceTask = (cluster: Cluster, service: Service): Task =>
    startTask(cluster, { ...service, tags: service.taskTags }, service);

  const clusters = description.clusters.map((described) => {
    const cluster = emptyCluster(described, arn(`cluster/${described.name}`));
    for (const { tags, taskTags, agent, ...service } of described.services ?? []) {
      cluster.services.push({
        ...service,
        arn: arn(`service/${described.name}/${service.name}`),
        tags: { ...tags },
        taskTags: { ...taskTags },
        agent: agent ?? "RUNNING",
        createdAt: now(),
        environment: {},
      });
    }
    for (const service of cluster.services) {
      for (let i = 0; i < service.desiredCount; i++) startServiceTask(cluster, service);
    }
    for (const { count, tags, agent, ...task } of described.tasks ?? []) {
      for (let i = 0; i < (count ?? 1); i++) {
        startTask(cluster, { ...task, tags: tags ?? {}, agent: agent ?? "RUNNING" });
      }
    }
    return cluster;
  });

  const find = (name: string): { cluster: Cluster; service: Service; running: Task[] } => {
    const found = clusters.flatMap((cluster) =>
      cluster.services
        .filter((service) => name === service.name || name === `${cluster.name}/${service.name}`)
        .map((service) => ({ cluster, service })),
    );
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new TypeError(`${found.length} services are called ${name}`);
    }
    const running = only.cluster.tasks.filter(
      (task) => task.service === only.service.name && task.lastStatus === "RUNNING",
    );
    return { ...only, running };
  };

  const stop = (task: Task, reason: string): void => {
    if (task.lastStatus === "STOPPED") return;
    task.lastStatus = "STOPPED";
    task.stoppedAt = now();
    task.stoppedReason = reason;
    for (const container of task.containers) container.agent = "STOPPED";
    options.onTaskStopped(task);
  };

  return {
    clusters,
    taskDefinitions,
    network: description.network ?? { subnets: [], endpoints: [] },
    replaceTask(name) {
      const { cluster, service, running } = find(name);
      const task = startServiceTask(cluster, service);
      const [oldest] = running;
      if (oldest !== undefined) stop(oldest, "Scaling activity initiated by a deployment");
      return task.arn;
    },
    stopTask(taskArn, reason = "Task stopped by user") {
      const task = clusters.flatMap(({ tasks }) => tasks).find((other) => other.arn === taskArn);
      if (task === undefined) throw new TypeError(`no task ${taskArn} in the fleet`);
      stop(task, reason);
    },
    setContainerEnv(cluster, name, container, env) {
      const { service, running } = find(`${cluster}/${name}`);
      if (!definitionOf(service.taskDefinition).containers.some((c) => c.name === container)) {
        throw new TypeError(`no container ${container} in ${cluster}/${name}`);
      }
      service.environment[container] = { ...service.environment[container], ...env };
      for (const task of running) {
        for (const each of task.containers) {
          if (each.name === container) Object.assign(each.environment, env);
        }
      }
    },
    setAgent(name, agent) {
      const { service, running } = find(name);
      service.agent = agent;
      for (const container of running.flatMap(({ containers }) => containers)) {
        container.agent = agent;
      }
    },
    setServiceTags(name, tags) {
      find(name).service.tags = { ...tags };
    },
    setTaskDefinition(name, definition) {
      definitionOf(definition);
      find(name).service.taskDefinition = definition;
    },
  };
}

function emptyCluster(described: ClusterDescription, arn: string): Cluster {
  return {
    name: described.name,
    arn,
    tags: { ...described.tags },
    ...(described.configuration === undefined ? {} : { configuration: described.configuration }),
    services: [],
    tasks: [],
  };
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
