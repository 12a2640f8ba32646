import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServicesCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import type { Containers, Place, Service, Task } from "../core/containers.ts";
import { clientConfiguration, within } from "./aws-client.ts";
import { awsErrorOf, credentialsRefused, readFailure } from "./aws-error.ts";
import { clusterOf, serviceOf, taskDefinitionOf, taskOf } from "./ecs-shapes.ts";
import type { Turn } from "./ecs-turns.ts";
import { type ReadRoleSettings, readRoleSessions } from "./read-role.ts";

export interface ContainersSettings extends ReadRoleSettings {
  /** Waited for before each call, by who reads much and in no hurry. */
  turn?: Turn;
}

const DEADLINE_MS = 8_000;
const DESCRIBE_TASKS = 100;
const DESCRIBE_SERVICES = 10;
const PAGE = 100;

/** ECS as `sallyport-read` sees it: one client a place, one role session an account. */
export function ecsContainers(settings: ContainersSettings): Containers {
  const { aws, turn } = settings;
  const role = readRoleSessions(settings);
  const clients = new Map<string, ECSClient>();

  function clientFor({ account, region }: Place): ECSClient {
    const key = `${account}/${region}`;
    const known = clients.get(key);
    if (known !== undefined) return known;
    const client = new ECSClient(
      clientConfiguration(aws, "ecs", {
        region,
        credentials: role.credentialsFor(account),
        maxAttempts: 3,
      }),
    );
    clients.set(key, client);
    return client;
  }

  /** What is kept for a place, once AWS has refused the credentials: the next call assumes the role anew. */
  function forget({ account, region }: Place): void {
    role.forget(account);
    clients.get(`${account}/${region}`)?.destroy();
    clients.delete(`${account}/${region}`);
  }

  /**
   * Reads once. `absent` are the names by which ECS says, for this operation, that the thing is not there.
   */
  async function read<T>(
    place: Place,
    operation: string,
    absent: readonly string[],
    send: (client: ECSClient, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T | undefined> {
    await turn?.(place, operation);
    try {
      return await send(clientFor(place), within(DEADLINE_MS));
    } catch (error) {
      const answered = awsErrorOf(error);
      if (answered !== undefined && absent.includes(answered.error)) return undefined;
      if (credentialsRefused(error)) forget(place);
      throw readFailure(error, operation);
    }
  }

  /** Every page of a list, or as many as hold `limit` items. */
  async function list(
    limit: number,
    page: (nextToken: {
      nextToken?: string;
    }) => Promise<{ arns: string[] | undefined; nextToken: string | undefined } | undefined>,
  ): Promise<string[]> {
    const arns: string[] = [];
    let next: { nextToken?: string } = {};
    for (;;) {
      const answer = await page(next);
      arns.push(...(answer?.arns ?? []));
      if (answer?.nextToken === undefined || answer.nextToken === "" || arns.length >= limit) {
        return arns.slice(0, limit);
      }
      next = { nextToken: answer.nextToken };
    }
  }

  async function describeServices(
    place: Place,
    clusterArn: string,
    services: string[],
  ): Promise<Service[]> {
    const answer = await read(
      place,
      "DescribeServices",
      ["ClusterNotFoundException"],
      (client, options) =>
        client.send(
          new DescribeServicesCommand({ cluster: clusterArn, services, include: ["TAGS"] }),
          options,
        ),
    );
    // A deleted service is described for a while yet, as INACTIVE.
    return (answer?.services ?? []).filter(({ status }) => status !== "INACTIVE").map(serviceOf);
  }

  return {
    async describeCluster(place, cluster) {
      const answer = await read(place, "DescribeClusters", [], (client, options) =>
        client.send(
          new DescribeClustersCommand({ clusters: [cluster], include: ["CONFIGURATIONS"] }),
          options,
        ),
      );
      const found = answer?.clusters?.find(({ status }) => status !== "INACTIVE");
      return found === undefined ? undefined : clusterOf(found);
    },

    async describeService(place, clusterArn, service) {
      const [found] = await describeServices(place, clusterArn, [service]);
      return found;
    },

    async listServices(place, clusterArn, limit) {
      const arns = await list(limit, async (next) => {
        const answer = await read(
          place,
          "ListServices",
          ["ClusterNotFoundException"],
          (client, options) =>
            client.send(
              new ListServicesCommand({ cluster: clusterArn, maxResults: PAGE, ...next }),
              options,
            ),
        );
        return answer && { arns: answer.serviceArns, nextToken: answer.nextToken };
      });
      const described: Service[] = [];
      for (const chunk of chunks(arns, DESCRIBE_SERVICES)) {
        described.push(...(await describeServices(place, clusterArn, chunk)));
      }
      return described;
    },

    listTasks(place, clusterArn, of) {
      const filter =
        "service" in of ? { serviceName: of.service } : "family" in of ? { family: of.family } : {};
      return list(Number.POSITIVE_INFINITY, async (next) => {
        const answer = await read(
          place,
          "ListTasks",
          ["ClusterNotFoundException", "ServiceNotFoundException"],
          (client, options) =>
            client.send(
              new ListTasksCommand({
                cluster: clusterArn,
                desiredStatus: "RUNNING",
                maxResults: PAGE,
                ...filter,
                ...next,
              }),
              options,
            ),
        );
        return answer && { arns: answer.taskArns, nextToken: answer.nextToken };
      });
    },

    async describeTasks(place, clusterArn, tasks) {
      const described: Task[] = [];
      for (const chunk of chunks(tasks, DESCRIBE_TASKS)) {
        const answer = await read(
          place,
          "DescribeTasks",
          ["ClusterNotFoundException"],
          (client, options) =>
            client.send(new DescribeTasksCommand({ cluster: clusterArn, tasks: chunk }), options),
        );
        described.push(...(answer?.tasks ?? []).map(taskOf));
      }
      return described;
    },

    async describeTaskDefinition(place, arn) {
      // An unknown definition has no error of its own: ECS says ClientException.
      const answer = await read(
        place,
        "DescribeTaskDefinition",
        ["ClientException"],
        (client, options) =>
          client.send(
            new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ["TAGS"] }),
            options,
          ),
      );
      return answer?.taskDefinition === undefined
        ? undefined
        : taskDefinitionOf(answer.taskDefinition, answer.tags ?? []);
    },
  };
}

function chunks<T>(items: T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}
