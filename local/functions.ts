import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AwsSettings } from "../adapters/aws-client.ts";
import { cedarPolicyEngine } from "../adapters/cedar-policy-engine.ts";
import { cloudwatchAccessLog } from "../adapters/cloudwatch-access-log.ts";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../adapters/dynamodb-limits.ts";
import { dynamoMarks } from "../adapters/dynamodb-marks.ts";
import { dynamoRefusalCounts } from "../adapters/dynamodb-refusal-counts.ts";
import { dynamoViews } from "../adapters/dynamodb-views.ts";
import { joseTokens } from "../adapters/jose-tokens.ts";
import type { Clock, Random } from "../core/clock.ts";
import type { GatewayFunctionName } from "../core/family-policies.ts";
import { functionEnvironment } from "../core/function-environment.ts";
import type { MetricName, Metrics } from "../core/metrics.ts";
import type { Rates } from "../core/rate-limits.ts";
import type { Issuer } from "../core/token.ts";
import { decidePorts } from "../lambdas/decide/compose.ts";
import { execPorts } from "../lambdas/exec/compose.ts";
import type { Log } from "../lambdas/log.ts";
import type {
  CommonPorts,
  Composed,
  DecidePorts,
  ExecPorts,
  ProjectorPorts,
  RequestsPorts,
  SweeperPorts,
  WatcherPorts,
} from "../lambdas/ports.ts";
import { requestsPorts } from "../lambdas/requests/compose.ts";
import { settingsFrom } from "../lambdas/settings.ts";
import { sweeperPorts } from "../lambdas/sweeper/compose.ts";
import { watcherPorts } from "../lambdas/watcher/compose.ts";
import { accessLogGroup, account, apiId, clusterArn, region, visibleClusters } from "./fleet.ts";
import { type FunctionKeys, users } from "./identities.ts";
import { type Tables, tableNames } from "./tables.ts";

export interface FunctionPorts {
  requests: Composed<RequestsPorts>;
  decide: Composed<DecidePorts>;
  exec: Composed<ExecPorts>;
  projector: ProjectorPorts;
  sweeper: Composed<SweeperPorts>;
  watcher: Composed<WatcherPorts>;
}

export interface FunctionPortsOptions {
  dynamodb: DynamoDBClient;
  /** CloudWatch Logs, with the watcher's keys. */
  logs: CloudWatchLogsClient;
  tables: Tables;
  /** Where ECS, STS, SSM and CloudWatch Logs answer. */
  emulatorUrl: string;
  /** The functions' own keys. */
  keys: FunctionKeys;
  clock: Clock;
  random: Random;
  log: (name: string) => Log;
  /**
   * @default as deployed
   */
  rates?: Rates;
  /** Whose tokens are taken. */
  issuers?: readonly Issuer[];
  /** Told of what is counted for an alarm, once it is on record. */
  counted?(name: MetricName): void;
}

/** The environment of a function here, by the table that the stack's is made by. */
export function environmentHere(
  name: GatewayFunctionName,
  tables: Pick<Tables, "eventsArn">,
  issuers: readonly Issuer[] = [],
): { [name: string]: string } {
  return functionEnvironment({
    eventsTable: tableNames.events,
    eventsTableArn: tables.eventsArn,
    viewsTable: tableNames.views,
    stateTable: tableNames.state,
    apiId,
    partition: "aws",
    places: [{ account, region }],
    clusters: visibleClusters.map(clusterArn),
    bootstrap: [{ person: "operator", principal: { account, uniqueId: users.operator } }],
    trustedRoles: [],
    issuers,
    mayStopTasks: false,
    deepPreflight: false,
    ...(name === "watcher" ? { accessLog: accessLogGroup } : {}),
  });
}

/**
 * What the composition roots of lambdas/ build of their environment, from the same settings: the adapters
 * of AWS, each with the keys of its own function, against the emulator and the engine.
 */
export function functionPorts(options: FunctionPortsOptions): FunctionPorts {
  const { dynamodb, tables, keys, clock, random, log } = options;
  const settingsOf = (name: GatewayFunctionName) =>
    settingsFrom(environmentHere(name, tables, options.issuers));
  const settings = settingsOf("requests");
  const { deployment } = settings;
  const state = { client: dynamodb, tableName: settings.stateTable };
  const limits = dynamoLimits({ ...state, rates: options.rates ?? settings.rates });
  const refusalCounts = dynamoRefusalCounts(state);

  const awsAs = (name: keyof typeof keys): AwsSettings => ({
    homeRegion: region,
    baseCredentials: async () => keys[name],
    endpoints: { ecs: options.emulatorUrl, sts: options.emulatorUrl, ssm: options.emulatorUrl },
  });
  const policy = cedarPolicyEngine({
    onLost: (error) => log("cedar").error("the rules engine trapped: start anew", {}, error),
  });
  const events = dynamoEvents({
    client: dynamodb,
    tableName: settings.eventsTable,
    tableArn: settings.eventsTableArn,
    clock,
    random,
  });
  const views = dynamoViews({ client: dynamodb, tableName: settings.viewsTable });
  const tokens = joseTokens({ clock });
  const marks = dynamoMarks(state);
  // Nothing watches here: what is counted is in the log, but for rounds of each two seconds, and told.
  const metricsOf = (of: string): Metrics => ({
    count(name) {
      if (name === "SweepRounds" || name === "WatchRounds") return;
      log(of).info(`counted: ${name}`, {});
      options.counted?.(name);
    },
  });
  const common = (name: string): Composed<CommonPorts> => ({
    events,
    limits,
    refusalCounts,
    policy,
    clock,
    random,
    log: log(name),
    deployment,
    tokens,
  });
  return {
    requests: requestsPorts({ ...common("requests"), views }, settings, awsAs("requests")),
    decide: decidePorts(common("decide"), settings, awsAs("decide")),
    exec: execPorts(common("exec"), settings, awsAs("exec")),
    projector: { events, views, log: log("projector") },
    sweeper: sweeperPorts(
      {
        events,
        policy,
        clock,
        random,
        log: log("sweeper"),
        metrics: metricsOf("sweeper"),
        deployment,
        refusalCounts,
        marks,
      },
      settings,
      awsAs("sweeper"),
    ),
    watcher: watcherPorts(
      {
        events,
        marks,
        accessLog: cloudwatchAccessLog({
          client: options.logs,
          logGroupName: settingsOf("watcher").accessLog,
        }),
        clock,
        random,
        log: log("watcher"),
        metrics: metricsOf("watcher"),
        deployment,
      },
      settings,
      awsAs("watcher"),
    ),
  };
}
