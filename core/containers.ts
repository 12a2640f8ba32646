/** What the gateway reads of ECS, reduced to what a decision or a diagnosis uses. AWS's own names. */

export interface Cluster {
  clusterArn: string;
  clusterName: string;
  /** Set when ECS Exec on this cluster encrypts with a customer key: the client must then call KMS. */
  kmsKeyId?: string;
  logging: "NONE" | "DEFAULT" | "OVERRIDE";
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
  enableExecuteCommand: boolean;
  /** `service:<name>` for a service's task, but a caller of RunTask may write anything here: a hint only. */
  group?: string;
  /** `WINDOWS_SERVER_…` or `Linux`, where known. */
  platformFamily?: string;
  createdAt?: number;
  containers: TaskContainer[];
}

export interface TaskDefinition {
  taskDefinitionArn: string;
  family: string;
  pidMode?: string;
  tags: { [key: string]: string };
  /** Names of the containers, and whether each writes to awslogs (where DEFAULT transcripts go). */
  containers: { name: string; awslogs: boolean }[];
}

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
  listClusters(place: Place): Promise<string[]>;
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
