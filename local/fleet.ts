import type {
  FleetDescription,
  ServiceDescription,
  TaskDefinitionDescription,
} from "../emulator/fleet-description.ts";

export const account = "111122223333";
export const region = "us-east-1";
/** What the front door here says its API is, in the place of API Gateway's id. */
export const apiId = "local";
/** The log group that the front door here writes its calls to. */
export const accessLogGroup = "sallyport-access";

export function clusterArn(name: string): string {
  return `arn:aws:ecs:${region}:${account}:cluster/${name}`;
}

/** Clusters the exec role's conditions name. */
export const reachableClusters = ["demo", "default", "vault"];
/** Clusters the gateway may look into: one more, where every open is refused by AWS. */
export const visibleClusters = [...reachableClusters, "outside"];

function definition(family: string, ...containers: string[]): TaskDefinitionDescription {
  return {
    family,
    revision: 1,
    taskRoleArn: `arn:aws:iam::${account}:role/${family}`,
    tags: { team: "payments" },
    containers: containers.map((name) => ({
      name,
      image: `registry.example/${family}/${name}:1`,
      initProcessEnabled: true,
    })),
  };
}

function service(name: string, more: Partial<ServiceDescription> = {}): ServiceDescription {
  return {
    name,
    taskDefinition: `${name}:1`,
    desiredCount: 1,
    enableExecuteCommand: true,
    tags: { team: "payments" },
    ...more,
  };
}

/** The clusters of the demo: one service for each way an exec goes. */
export const demoFleet: FleetDescription = {
  taskDefinitions: [
    definition("payments-api", "app", "envoy"),
    definition("reports", "app"),
    definition("legacy", "app"),
    definition("broken", "app"),
    definition("hello", "app"),
    definition("secrets", "app"),
    definition("elsewhere", "app"),
  ],
  clusters: [
    {
      name: "demo",
      services: [
        service("payments-api", { desiredCount: 2 }),
        service("reports"),
        service("legacy", { enableExecuteCommand: false }),
        service("broken", { agent: "STOPPED" }),
      ],
    },
    { name: "default", services: [service("hello")] },
    {
      name: "vault",
      configuration: {
        executeCommandConfiguration: {
          kmsKeyId: `arn:aws:kms:${region}:${account}:key/11111111-2222-4333-8444-555555555555`,
          logging: "OVERRIDE",
          logConfiguration: { cloudWatchLogGroupName: "/ecs/exec/vault" },
        },
      },
      services: [service("secrets")],
    },
    { name: "outside", services: [service("elsewhere")] },
  ],
};
