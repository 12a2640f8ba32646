import type {
  ClusterDescription,
  ContainerDescription,
  ServiceDescription,
  TaskDefinitionDescription,
} from "../../emulator/fleet-description.ts";

/** A definition that leaves nothing to be desired but an awslogs configuration. */
export function definition(
  family: string,
  revision: number,
  ...containers: string[]
): TaskDefinitionDescription {
  return {
    family,
    revision,
    taskRoleArn: `arn:aws:iam::111122223333:role/${family}`,
    tags: { team: "payments" },
    containers: containers.map((name) => ({ name, image: name, initProcessEnabled: true })),
  };
}

export function service(name: string, more: Partial<ServiceDescription> = {}): ServiceDescription {
  return {
    name,
    taskDefinition: "web:3",
    desiredCount: 1,
    enableExecuteCommand: true,
    tags: { team: "payments" },
    ...more,
  };
}

const agentFolders = ["/managed-agents", "/var/lib/amazon", "/var/log/amazon/ssm"];

const ill = (
  family: string,
  container: Partial<ContainerDescription>,
  change: Partial<TaskDefinitionDescription> = {},
): TaskDefinitionDescription => {
  const healthy = definition(family, 1, "app");
  return {
    ...healthy,
    ...change,
    containers: healthy.containers.map((c) => ({ ...c, logDriver: "awslogs", ...container })),
  };
};

const { taskRoleArn: _, ...withoutRole } = ill("roleless", {});

const taskDefinitions: TaskDefinitionDescription[] = [
  ill("healthy", {}),
  ill("readonly", { readonlyRootFilesystem: true }),
  ill("mounted", {
    readonlyRootFilesystem: true,
    mountPoints: agentFolders.map((containerPath) => ({ containerPath, readOnly: false })),
  }),
  ill("keys", {
    environment: { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE" },
    secrets: ["AWS_SECRET_ACCESS_KEY", "DB_PASSWORD"],
  }),
  ill("zombies", { initProcessEnabled: false }),
  withoutRole,
  { ...definition("shared", 1, "app", "sidecar"), pidMode: "task" },
];

/** A cluster with a service for each thing that can be wrong with one. */
export const clinic: {
  taskDefinitions: TaskDefinitionDescription[];
  cluster: ClusterDescription;
} = {
  taskDefinitions,
  cluster: {
    name: "clinic",
    services: [
      ...taskDefinitions.map(({ family }) => service(family, { taskDefinition: `${family}:1` })),
      service("old", {
        taskDefinition: "healthy:1",
        runsOn: { launchType: "FARGATE", platformVersion: "1.3.0", platformFamily: "Linux" },
      }),
      service("instances", {
        taskDefinition: "healthy:1",
        runsOn: { launchType: "EC2", capacityProvider: "own-machines" },
      }),
      service("spot", {
        taskDefinition: "healthy:1",
        runsOn: { capacityProvider: "FARGATE_SPOT", platformVersion: "1.4.0" },
      }),
      service("starting", { taskDefinition: "healthy:1", agent: "PENDING" }),
      service("lost", { taskDefinition: "healthy:1", agent: "LOST" }),
    ],
  },
};
