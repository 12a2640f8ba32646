/** What the gateway reads of ECS, reduced to what a decision or a diagnosis uses. AWS's own names. */

export interface Cluster {
  clusterArn: string;
  clusterName: string;
  /** Set when ECS Exec on this cluster encrypts with a customer key: the client must then call KMS. */
  kmsKeyId?: string;
  logging: "NONE" | "DEFAULT" | "OVERRIDE";
  /** Where OVERRIDE writes transcripts; with `mustBeEncrypted` the agent refuses a session otherwise. */
  logDestinations: {
    kind: "log_group" | "bucket";
    name: string;
    /** Of the names in a bucket. */
    prefix?: string;
    mustBeEncrypted: boolean;
  }[];
}

export interface Service {
  serviceArn: string;
  serviceName: string;
  clusterArn: string;
  /** The definition the service is at, or moving to. */
  taskDefinitionArn: string;
  enableExecuteCommand: boolean;
  tags: { [key: string]: string };
}

export interface TaskContainer {
  name: string;
  containerArn: string;
  /** Absent until the container has started. */
  runtimeId?: string;
  lastStatus: string;
  imageDigest?: string;
  /** Status of the managed agent named ExecuteCommandAgent; absent when the task has none. */
  execAgent?: { lastStatus: string; reason?: string };
}

export interface Task {
  taskArn: string;
  clusterArn: string;
  taskDefinitionArn: string;
  lastStatus: string;
  /** STOPPED as soon as somebody has decided so, while the task still runs. */
  desiredStatus?: string;
  stoppedReason?: string;
  enableExecuteCommand: boolean;
  /** FARGATE, EC2, EXTERNAL, MANAGED_INSTANCES; may be absent where a capacity provider placed the task. */
  launchType?: string;
  capacityProvider?: string;
  /** Of Fargate alone, such as 1.4.0. */
  platformVersion?: string;
  /** Set by whoever started the task, in place of the definition's. */
  taskRoleArn?: string;
  /** Names of AWS key variables set by whoever started the task, by container. */
  awsKeyVariables?: { [container: string]: string[] };
  /** `service:<name>` for a service's task, but a caller of RunTask may write anything here: a hint only. */
  group?: string;
  /** `WINDOWS_SERVER_…` or `Linux`, where known. */
  platformFamily?: string;
  createdAt?: number;
  /** Of its own network interface; absent where it has its instance's network. */
  subnets?: string[];
  containers: TaskContainer[];
}

export interface TaskDefinition {
  taskDefinitionArn: string;
  family: string;
  pidMode?: string;
  taskRoleArn?: string;
  tags: { [key: string]: string };
  containers: DefinedContainer[];
}

export interface DefinedContainer {
  name: string;
  /** Whether it writes to awslogs, where DEFAULT transcripts go. */
  awslogs: boolean;
  initProcessEnabled: boolean;
  readonlyRootFilesystem: boolean;
  /** What is mounted at which path of the container. */
  mounts: { path: string; writable: boolean }[];
  /** Whether it has the mounts of other containers besides (volumesFrom). */
  mountsOfOthers: boolean;
  /** Those of the names below that its environment or its secrets set; never a value. */
  awsKeyVariables: string[];
}

/** Variables that the exec agent reads as its own credentials. */
export const awsKeyVariables = ["AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/** Where a call is made: an account and region the deployment is configured for. */
export interface Place {
  account: string;
  region: string;
}

/**
 * Reads of ECS in one place, under the role `sallyport-read`.
 *
 * Every method answers `undefined`, or leaves the thing out, when ECS says it does not exist. Anything
 * else that goes wrong throws: `throttled`, `gateway_credentials` (the role is refused or expired) or
 * `record_unavailable` is never used here; an unexpected answer is `internal`. Services and
 * tasks are what ECS says now; a cluster and a numbered definition may be as old as the adapter says.
 */
export interface Containers {
  describeCluster(place: Place, cluster: string): Promise<Cluster | undefined>;
  describeService(place: Place, clusterArn: string, service: string): Promise<Service | undefined>;
  /** All services of a cluster with their tags, in ECS's pages, at most `limit`. */
  listServices(place: Place, clusterArn: string, limit: number): Promise<Service[]>;
  /** ARNs of the tasks whose desired status is RUNNING. An unknown service answers an empty list. */
  listTasks(
    place: Place,
    clusterArn: string,
    of: { service: string } | { family: string } | { cluster: true },
  ): Promise<string[]>;
  /** `tasks` are ids or ARNs, at most 100. Missing ones are left out. */
  describeTasks(place: Place, clusterArn: string, tasks: string[]): Promise<Task[]>;
  describeTaskDefinition(place: Place, arn: string): Promise<TaskDefinition | undefined>;
}
