import type { JsonObject } from "./json.ts";

/** The clusters an emulator starts with. Plain JSON, so that a file can hold it. */
export interface FleetDescription {
  clusters: ClusterDescription[];
  taskDefinitions: TaskDefinitionDescription[];
  /** What EC2 shows of where tasks are; nothing where absent. */
  network?: NetworkDescription;
}

export interface NetworkDescription {
  subnets: {
    id: string;
    vpcId: string;
    /** Of the account that shares it; the own account where absent. */
    ownerId?: string;
  }[];
  endpoints: {
    id: string;
    vpcId: string;
    /** Such as `com.amazonaws.us-east-1.ssmmessages`. */
    serviceName: string;
    /** Interface where absent. */
    kind?: "Interface" | "Gateway";
    /** `available` where absent. */
    state?: string;
    /** True where absent. */
    privateDns?: boolean;
  }[];
}

export interface ClusterDescription {
  name: string;
  tags?: Tags;
  /** As DescribeClusters answers it under CONFIGURATIONS, e.g. `{executeCommandConfiguration: {…}}`. */
  configuration?: JsonObject;
  services?: ServiceDescription[];
  /** Tasks that belong to no service, such as those of RunTask. */
  tasks?: TaskDescription[];
}

export interface ServiceDescription {
  name: string;
  /** `family:revision` of a task definition of this fleet. */
  taskDefinition: string;
  desiredCount: number;
  enableExecuteCommand: boolean;
  tags?: Tags;
  /** Tags of the service's tasks; a service's own tags do not reach them. */
  taskTags?: Tags;
  /** State of the exec agent in each container; RUNNING unless said otherwise. */
  agent?: AgentState;
  runsOn?: Hosting;
  /** Of the tasks' own network interface; none where absent, as on an instance's network. */
  subnet?: string;
}

export interface TaskDescription {
  taskDefinition: string;
  enableExecuteCommand: boolean;
  count?: number;
  tags?: Tags;
  agent?: AgentState;
  runsOn?: Hosting;
  /** Of the tasks' own network interface; none where absent, as on an instance's network. */
  subnet?: string;
}

/** Where tasks run, as DescribeTasks says; Fargate with Linux on 1.4.0 where absent. */
export interface Hosting {
  launchType?: "FARGATE" | "EC2" | "EXTERNAL" | "MANAGED_INSTANCES";
  capacityProvider?: string;
  platformVersion?: string;
  platformFamily?: string;
}

export interface TaskDefinitionDescription {
  family: string;
  revision: number;
  containers: ContainerDescription[];
  taskRoleArn?: string;
  pidMode?: "host" | "task";
  tags?: Tags;
}

export interface ContainerDescription {
  name: string;
  image: string;
  /** `sha256:…`; made from the image's name where absent. */
  imageDigest?: string;
  environment?: { [name: string]: string };
  /** Names of variables that come from a secret; shown, and not set in the container. */
  secrets?: string[];
  /** Shown, and nothing is mounted. */
  mountPoints?: { containerPath: string; readOnly: boolean }[];
  /** Driver of its logConfiguration, such as awslogs; nothing is written there. */
  logDriver?: string;
  readonlyRootFilesystem?: boolean;
  initProcessEnabled?: boolean;
  user?: string;
}

export interface Tags {
  [key: string]: string;
}

/**
 * What DescribeTasks says of the exec agent, and LOST: RUNNING to DescribeTasks, and not connected when
 * ExecuteCommand wants it, which is how most real failures look.
 */
export type AgentState = "RUNNING" | "PENDING" | "STOPPED" | "LOST";
