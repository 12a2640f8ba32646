import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AwsSettings } from "../adapters/aws-client.ts";
import { cedarPolicyEngine } from "../adapters/cedar-policy-engine.ts";
import { dynamoEvents } from "../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../adapters/dynamodb-limits.ts";
import { dynamoMarks } from "../adapters/dynamodb-marks.ts";
import { dynamoRefusalCounts } from "../adapters/dynamodb-refusal-counts.ts";
import { dynamoViews } from "../adapters/dynamodb-views.ts";
import { joseTokens } from "../adapters/jose-tokens.ts";
import type { Clock, Random } from "../core/clock.ts";
import { functionEnvironment } from "../core/function-environment.ts";
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
} from "../lambdas/ports.ts";
import { requestsPorts } from "../lambdas/requests/compose.ts";
import { settingsFrom } from "../lambdas/settings.ts";
import { sweeperPorts } from "../lambdas/sweeper/compose.ts";
import { account, apiId, clusterArn, region, visibleClusters } from "./fleet.ts";
import { type Keys, users } from "./identities.ts";
import { type Tables, tableNames } from "./tables.ts";

export interface FunctionPorts {
  requests: Composed<RequestsPorts>;
  decide: Composed<DecidePorts>;
  exec: Composed<ExecPorts>;
  projector: ProjectorPorts;
  sweeper: Composed<SweeperPorts>;
}

export interface FunctionPortsOptions {
  dynamodb: DynamoDBClient;
  tables: Tables;
  /** Where ECS, STS and SSM answer. */
  emulatorUrl: string;
  /** The functions' own keys. */
  keys: { requests: Keys; decide: Keys; exec: Keys; sweeper: Keys };
  clock: Clock;
  random: Random;
  log: (name: string) => Log;
  /**
   * @default as deployed
   */
  rates?: Rates;
  /** Whose tokens are taken. */
  issuers?: readonly Issuer[];
}

/** The environment of every function here, by the table that the stack's is made by. */
export function environmentHere(
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
  });
}

/**
 * What the composition roots of lambdas/ build of their environment, from the same settings: the adapters
 * of AWS, each with the keys of its own function, against the emulator and the engine.
 */
export function functionPorts(options: FunctionPortsOptions): FunctionPorts {
  const { dynamodb, tables, keys, clock, random, log } = options;
  const settings = settingsFrom(environmentHere(tables, options.issuers));
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
        // Nothing watches here: the same is in the log, as an error.
        metrics: {
          count: (name) => {
            // Each five seconds.
            if (name !== "SweepRounds") log("sweeper").info(`counted: ${name}`, {});
          },
        },
        deployment,
        refusalCounts,
        marks: dynamoMarks(state),
      },
      settings,
      awsAs("sweeper"),
    ),
  };
}
