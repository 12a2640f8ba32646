import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { cloudwatchAccessLog } from "../../adapters/cloudwatch-access-log.ts";
import { dynamoEvents } from "../../adapters/dynamodb-events.ts";
import { dynamoLimits } from "../../adapters/dynamodb-limits.ts";
import { dynamoMarks } from "../../adapters/dynamodb-marks.ts";
import { dynamoRefusalCounts } from "../../adapters/dynamodb-refusal-counts.ts";
import { dynamoViews } from "../../adapters/dynamodb-views.ts";
import { identityCenterMemberships } from "../../adapters/identity-center-memberships.ts";
import { joseTokens } from "../../adapters/jose-tokens.ts";
import type { PublishedKeysSettings } from "../../adapters/published-keys.ts";
import { systemClock, systemRandom } from "../../adapters/system-clock.ts";
import { type FunctionName, matchRoute, routes } from "../../api/routes.ts";
import type { Clock } from "../../core/clock.ts";
import type { EventStore } from "../../core/event-store.ts";
import type { GatewayFunctionName } from "../../core/family-policies.ts";
import { functionPolicy } from "../../core/function-policies.ts";
import type { Memberships } from "../../core/group-source.ts";
import type { MetricName } from "../../core/metrics.ts";
import type { Rates } from "../../core/rate-limits.ts";
import type { RefusalCounts } from "../../core/refusal-counts.ts";
import { endRole, execRole, readRole, roleArn } from "../../core/roles.ts";
import type { Issuer } from "../../core/token.ts";
import { watchChain } from "../../core/watch/watch-keys.ts";
import type { FleetDescription } from "../../emulator/fleet-description.ts";
import type { PlaceDescription } from "../../emulator/places.ts";
import { type Emulator, startEmulator } from "../../emulator/server.ts";
import type { RoleDescription } from "../../emulator/sts/roles.ts";
import type { HttpEvent } from "../../lambdas/chain/read-call.ts";
import { decidePorts } from "../../lambdas/decide/compose.ts";
import { decideFunction } from "../../lambdas/decide/function.ts";
import { execPorts } from "../../lambdas/exec/compose.ts";
import { execFunction } from "../../lambdas/exec/function.ts";
import { allowed, causes, type Log } from "../../lambdas/log.ts";
import type {
  CommonPorts,
  Composed,
  Deployment,
  ExecPorts,
  SweeperPorts,
} from "../../lambdas/ports.ts";
import { projectorFunction } from "../../lambdas/projector/function.ts";
import { requestsPorts } from "../../lambdas/requests/compose.ts";
import { requestsFunction } from "../../lambdas/requests/function.ts";
import { surroundingsOf } from "../../lambdas/requests/surroundings.ts";
import type { Settings } from "../../lambdas/settings.ts";
import type { StreamBatch } from "../../lambdas/stream-batch.ts";
import { sweeperPorts } from "../../lambdas/sweeper/compose.ts";
import { sweeperFunction } from "../../lambdas/sweeper/function.ts";
import { watcherPorts } from "../../lambdas/watcher/compose.ts";
import { watcherFunction } from "../../lambdas/watcher/function.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { memoryAccessLog, type WrittenLine } from "../world/memory-access-log.ts";
import { awsWire, json } from "./aws-wire.ts";
import { clinic, definition, service } from "./clinic.ts";
import { startEngine } from "./engine.ts";
import { looked } from "./looks.ts";
import { type Profile, uniqueIdOf, uniqueIds } from "./profiles.ts";
import { watchedEvents } from "./record.ts";

const account = "111122223333";
const region = "us-east-1";
/** Who it was, as events of a profile's calls name them. */
export function actorOf(profile: Profile): object {
  const principal = `${account}:${uniqueIdOf(profile)}`;
  if (profile === "nobody") return { kind: "unknown", principal };
  if (profile === "bot") return { kind: "program", program: "bot", principal };
  return { kind: "person", person: profile === "dev2" ? "dev" : profile, principal };
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read by tests, member by member
export type Answered = { status: number; body: any; headers: { [name: string]: unknown } };

export interface TestGateway {
  as(
    profile: Profile,
  ): (
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    headers?: { [name: string]: string },
  ) => Promise<Answered>;
  /**
   * Calls with a token, as API Gateway's authorizer lets it through: with its claims as texts. Of `by`, what is left
   * out is as it should be.
   */
  byToken(
    token: string,
    by?: { prefix?: string; authorization?: string | undefined; authorizer?: object },
  ): (
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    headers?: { [name: string]: string },
  ) => Promise<Answered>;
  /** Gives a function an event as it is. */
  invoke(name: FunctionName, event: HttpEvent): Promise<Answered>;
  emulator: Emulator;
  events: EventStore;
  /** Lines as the functions' own log writes them: what it lets through, and the causes of errors. */
  logged: string[];
  /** What the sweeper and the watcher counted for alarms, but for their rounds. */
  counted: MetricName[];
  /** The engine's client, for looking at what is stored. */
  dynamodb: DynamoDBClient;
  /** That of one function. */
  dynamodbOf(name: GatewayFunctionName): DynamoDBClient;
  /** How long API Gateway would still wait (ms), as the functions are told. */
  remainingMs: number;
  project(requestId: string): Promise<void>;
  /** A round of the sweeper, whose clock is ahead by so much. */
  sweep(aheadMs?: number): Promise<void>;
  /** The sweeper as the stream wakes it; false where it gives the record back. */
  wake(requestId: string, aheadMs?: number): Promise<boolean>;
  /** The watcher, called with what EventBridge delivers, whose clock is ahead by so much. */
  watch(event: object, aheadMs?: number): Promise<void>;
  /** What API Gateway writes of each call. */
  accessLines: WrittenLine[];
  /** The same for an event on LOCK. */
  wakeLocked(): Promise<boolean>;
  /** The same for one of the watcher's. */
  wakeFound(): Promise<boolean>;
  /** The same for one on CONF. */
  wakeActivated(): Promise<boolean>;
  /** The sweeper, called with what the stream delivers; false where it gives any of it back. */
  stream(batch: StreamBatch): Promise<boolean>;
  /** Has everything that was opened ended, so that all containers are free: as if its time were over. */
  endAll(): Promise<void>;
  close(): Promise<void>;
}

/** The emulator for a test, of which reading what came onto the wire is a look. */
function watched(emulator: Emulator): Emulator {
  return {
    ...emulator,
    get calls() {
      looked("wire");
      return emulator.calls;
    },
  };
}

function taskRoles(
  of: string,
  described: { [name: string]: RoleDescription["permissions"] },
): RoleDescription[] {
  return Object.entries(described).map(([name, permissions], i) => ({
    arn: `arn:aws:iam::${of}:role/${name}`,
    roleId: `AROATASK${i}`,
    trust: {
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Service: "ecs-tasks.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    },
    permissions,
  }));
}

/** CloudWatch Logs with these lines, for a client with these keys. */
function logsOf(lines: readonly WrittenLine[], accessKeyId: string): CloudWatchLogsClient {
  const log = memoryAccessLog(lines);
  const { requestHandler } = awsWire(async ({ input }) => {
    const calls = [...String(input["filterPattern"]).matchAll(/"([^"]+)"/g)].map(([, id]) => id);
    const found = await log.linesOf(
      calls.map((id) => id ?? ""),
      Number(input["startTime"]),
      Number(input["endTime"]),
    );
    return json({
      events: found.map(({ call, route, path, principal, status }) => {
        const [of, caller] = principal.split(":");
        const line = { requestId: call, route, path, status: String(status), account: of, caller };
        return { message: JSON.stringify(line) };
      }),
    });
  });
  const credentials = { accessKeyId, secretAccessKey: "s" };
  return new CloudWatchLogsClient({ region, credentials, requestHandler });
}

/** Longer than any grant here. */
const LONG_MS = 2 * 3_600_000;
const noLimit: Rates = { write: 1e6, read: 1e6, target: 1e6 };

/** `gone` has been deleted since the gateway was configured. */
const visible = ["demo", "default", "vault", "outside", "clinic", "gone"];

export const fleet: FleetDescription = {
  taskDefinitions: [
    definition("web", 3, "app", "envoy"),
    definition("one", 1, "app"),
    definition("nightly", 1, "job"),
    ...clinic.taskDefinitions,
  ],
  clusters: [
    {
      name: "demo",
      services: [
        service("payments-api", { desiredCount: 2 }),
        service("reports", { taskDefinition: "one:1" }),
        service("legacy", { taskDefinition: "one:1", enableExecuteCommand: false }),
        service("broken", { taskDefinition: "one:1", agent: "STOPPED" }),
      ],
      tasks: [{ taskDefinition: "nightly:1", enableExecuteCommand: true }],
    },
    { name: "default", services: [service("hello", { taskDefinition: "one:1" })] },
    {
      name: "vault",
      configuration: {
        executeCommandConfiguration: {
          kmsKeyId: "arn:aws:kms:us-east-1:111122223333:key/1",
          logging: "DEFAULT",
        },
      },
      services: [service("secrets", { taskDefinition: "one:1" })],
    },
    { name: "outside", services: [service("elsewhere", { taskDefinition: "one:1" })] },
    clinic.cluster,
  ],
};

/**
 * The three functions and the projector over a real DynamoDB engine and the AWS emulator, called with the
 * events API Gateway would deliver. `wrap` may stand between a function and a port, to make it fail.
 */
export async function startTestGateway(
  options: {
    wrapExec?: (ports: Composed<ExecPorts>) => Composed<ExecPorts>;
    wrapSweeper?: (ports: Composed<SweeperPorts>) => Composed<SweeperPorts>;
    wrapEvents?: (events: EventStore) => EventStore;
    wrapCounts?: (counts: RefusalCounts) => RefusalCounts;
    /** Of the functions and of AWS. */
    clock?: Clock;
    /** How much may be done in a minute; no limit that a test would meet where absent. */
    rates?: Rates;
    activate?: boolean;
    mayStopTasks?: boolean;
    trustedRoles?: { account: string; roleId: string }[];
    issuers?: Issuer[];
    publishedKeys?: PublishedKeysSettings;
    memberships?: Memberships;
    /** Where IAM Identity Center is asked, by each function for itself, in place of `memberships`. */
    identityStore?: string;
    /** The first set; left out, the rules of this checkout. */
    set?: ReturnType<typeof rulesHere>;
    /** What the emulator draws its ids and tokens from. */
    random?: (n: number) => Uint8Array;
    /** What runs at home, in clusters that the gateway may all touch; the fleet above where absent. */
    fleet?: FleetDescription;
    /** What runs in other accounts and regions, in clusters that it may touch likewise. */
    elsewhere?: readonly PlaceDescription[];
    /** Whether ECS refuses what is too much for an account. */
    throttled?: boolean;
    /** Roles of tasks at home, by name, with what they may do: IAM is asked about them, and EC2 about networks. */
    taskRoles?: { [name: string]: RoleDescription["permissions"] };
  } = {},
): Promise<TestGateway> {
  const engine = await startEngine();
  const clock = options.clock ?? systemClock;
  const arnOf = (name: string, of = account): string => roleArn("aws", of, name);
  const clusterArn = (name: string): string => `arn:aws:ecs:${region}:${account}:cluster/${name}`;
  const elsewhere = options.elsewhere ?? [];
  const atHome = options.fleet?.clusters.map(({ name }) => name) ?? visible;
  const clusters = [
    ...atHome.map(clusterArn),
    ...elsewhere.flatMap((place) =>
      place.fleet.clusters.map(
        ({ name }) => `arn:aws:ecs:${place.region}:${place.account}:cluster/${name}`,
      ),
    ),
  ];
  const accounts = [...new Set([account, ...elsewhere.map((place) => place.account)])];
  const byAccount = (name: string): { [account: string]: string } =>
    Object.fromEntries(accounts.map((of) => [of, arnOf(name, of)]));
  const names = ["requests", "decide", "exec", "sweeper", "watcher"] as const;
  const accessKeyOf = (name: GatewayFunctionName): string => `AKIA${name.toUpperCase()}`;
  const identity = (name: (typeof names)[number]) => {
    const policy = functionPolicy(name, {
      eventsTableArn: `arn:aws:dynamodb:${region}:${account}:table/events`,
      viewsTableArn: `arn:aws:dynamodb:${region}:${account}:table/views`,
      stateTableArn: "arn:aws:dynamodb:us-east-1:111122223333:table/state",
      readRoleArns: Object.values(byAccount("sallyport-read")),
      execRoleArns: Object.values(byAccount("sallyport-exec")),
      endRoleArns: Object.values(byAccount("sallyport-end")),
      accessLogArn: `arn:aws:logs:${region}:${account}:log-group:access`,
    });
    const onRoles = policy.Statement.filter(({ Action }) =>
      Action.every((a) => a.startsWith("sts:")),
    );
    return {
      accessKeyId: accessKeyOf(name),
      secretAccessKey: `secret of ${name}`,
      arn: `arn:aws:sts::${account}:assumed-role/sallyport-lambda-${name}/${name}`,
      roleArn: arnOf(`sallyport-lambda-${name}`),
      userId: `AROA${name.toUpperCase()}:${name}`,
      account,
      policies: onRoles.length === 0 ? [] : [{ ...policy, Statement: onRoles }],
    };
  };
  const emulator = await startEmulator({
    port: 0,
    gatewayPort: 0,
    account,
    region,
    identities: names.map(identity),
    roles: [
      ...taskRoles(account, options.taskRoles ?? {}),
      ...accounts.flatMap((of) =>
        [readRole, execRole, endRole].map((document, i) => {
          const own = clusters.filter((arn) => arn.split(":")[4] === of);
          const { name, trust, permissions } = document({
            partition: "aws",
            account: of,
            // `outside` can be looked into and is missing in the roles that exec and end.
            clusters: i === 0 ? own : own.filter((arn) => arn !== clusterArn("outside")),
            mayStopTasks: options.mayStopTasks === true,
            deepPreflight: options.taskRoles !== undefined,
            functionRoleArns: {
              requests: identity("requests").roleArn,
              decide: identity("decide").roleArn,
              exec: identity("exec").roleArn,
              sweeper: identity("sweeper").roleArn,
              watcher: identity("watcher").roleArn,
            },
          });
          const roleId = `AROATARGET${i}${of === account ? "" : of}`;
          return { arn: arnOf(name, of), roleId, trust, permissions: [permissions] };
        }),
      ),
    ],
    fleet: options.fleet ?? fleet,
    elsewhere,
    throttled: options.throttled === true,
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.clock === undefined ? {} : { now: options.clock.now }),
  });
  const aws = (name: (typeof names)[number]) => ({
    homeRegion: region,
    baseCredentials: async () => ({
      accessKeyId: identity(name).accessKeyId,
      secretAccessKey: identity(name).secretAccessKey,
    }),
    endpoints: Object.fromEntries(
      ["ecs", "sts", "ssm", "iam", "ec2"].map((of) => [of, emulator.url]),
    ),
  });
  const logged: string[] = [];
  const counted: MetricName[] = [];
  const log: Log = {
    info: (message, fields) => void logged.push(JSON.stringify({ message, ...allowed(fields) })),
    error: (message, fields, error) =>
      void logged.push(JSON.stringify({ message, ...allowed(fields), causes: causes(error) })),
  };
  const tableArn = `arn:aws:dynamodb:${region}:${account}:table/events`;
  const eventsBy = (client: DynamoDBClient): EventStore =>
    dynamoEvents({
      client,
      tableName: "events",
      tableArn,
      clock: systemClock,
      random: systemRandom,
      appendDeadlineMs: 20_000,
    });
  /** The tables as one function reaches them: with a client, and so by keys, of its own. */
  const clients = new Map<GatewayFunctionName, DynamoDBClient>();
  const tablesOf = (name: GatewayFunctionName) => {
    const client = engine.clientOf(accessKeyOf(name));
    clients.set(name, client);
    const state = { client, tableName: "state" };
    const events = eventsBy(client);
    const counts = dynamoRefusalCounts(state);
    return {
      name,
      state,
      events: options.wrapEvents?.(events) ?? events,
      views: dynamoViews({ client, tableName: "views" }),
      refusalCounts: options.wrapCounts?.(counts) ?? counts,
    };
  };
  const rates = options.rates ?? noLimit;
  const policy = cedarPolicyEngine();
  const tokens = joseTokens({ clock, ...options.publishedKeys });
  const deployment: Deployment = {
    api: { id: "local", account, stage: "$default" },
    territory: {
      partition: "aws",
      places: [
        { account, region },
        ...elsewhere.map((place) => ({ account: place.account, region: place.region })),
      ],
    },
    clusters,
    bootstrap: [{ person: "operator", principal: { account, uniqueId: uniqueIds.operator } }],
    trustedRoles: options.trustedRoles ?? [],
    issuers: options.issuers ?? [],
    mayStopTasks: options.mayStopTasks === true,
  };
  const membershipsBy = (name: GatewayFunctionName): Memberships | undefined =>
    options.identityStore === undefined
      ? options.memberships
      : identityCenterMemberships({
          identityStoreId: "d-1234567890",
          region,
          aws: {
            homeRegion: region,
            baseCredentials: async () => ({
              accessKeyId: accessKeyOf(name),
              secretAccessKey: "secret",
            }),
            endpoints: { identitystore: options.identityStore },
          },
          clock,
          onFailure: (error) => log.error("Identity Center cannot be asked", {}, error),
        });
  const commonOf = (
    { name, state, events, refusalCounts }: ReturnType<typeof tablesOf>,
    memberships = membershipsBy(name),
  ): Composed<CommonPorts> => ({
    events,
    limits: dynamoLimits({ ...state, rates }),
    refusalCounts,
    policy,
    clock,
    random: systemRandom,
    log,
    tokens,
    ...(memberships === undefined ? {} : { memberships }),
    deployment,
  });
  const settings: Settings = {
    eventsTable: "events",
    eventsTableArn: tableArn,
    viewsTable: "views",
    stateTable: "state",
    accessLog: "FrontDoorAccessLogs",
    readRoleArns: byAccount("sallyport-read"),
    execRoleArns: byAccount("sallyport-exec"),
    endRoleArns: byAccount("sallyport-end"),
    rates,
    deepPreflight: options.taskRoles !== undefined,
    deployment,
  };
  const ofExec = execPorts(commonOf(tablesOf("exec")), settings, aws("exec"));
  let ahead = 0;
  let sweeping = 0;
  const swept = tablesOf("sweeper");
  const ofSweeper = sweeperPorts(
    {
      events: swept.events,
      policy,
      clock: { now: () => clock.now() + ahead, sleep: (ms) => clock.sleep(ms) },
      random: systemRandom,
      log,
      metrics: {
        count: (name) => {
          if (name !== "SweepRounds") counted.push(name);
        },
      },
      deployment,
      refusalCounts: swept.refusalCounts,
      marks: dynamoMarks(swept.state),
    },
    settings,
    aws("sweeper"),
  );
  const sweep = sweeperFunction(options.wrapSweeper?.(ofSweeper) ?? ofSweeper);
  const asked = tablesOf("requests");
  const functions = {
    requests: requestsFunction(
      requestsPorts(
        { ...commonOf(asked), views: asked.views },
        settings,
        aws("requests"),
        settings.deepPreflight ? surroundingsOf : undefined,
      ),
    ),
    decide: decideFunction(decidePorts(commonOf(tablesOf("decide")), settings, aws("decide"))),
    exec: execFunction(options.wrapExec?.(ofExec) ?? ofExec),
  };
  const accessLines: WrittenLine[] = [];
  const seen = tablesOf("watcher");
  const watcher = watcherFunction(
    watcherPorts(
      {
        events: seen.events,
        marks: dynamoMarks(seen.state),
        accessLog: cloudwatchAccessLog({
          client: logsOf(accessLines, accessKeyOf("watcher")),
          logGroupName: settings.accessLog,
        }),
        clock: { now: () => clock.now() + ahead, sleep: (ms) => clock.sleep(ms) },
        random: systemRandom,
        log,
        metrics: {
          count: (name) => {
            if (name !== "WatchRounds") counted.push(name);
          },
        },
        deployment,
      },
      settings,
      aws("watcher"),
    ),
  );
  const projected = tablesOf("projector");
  const projector = projectorFunction({ events: projected.events, views: projected.views, log });
  let calls = 0;
  const ended = new Set<string>();

  const later = async <T>(aheadMs: number, act: () => Promise<T>): Promise<T> => {
    ahead = aheadMs;
    sweeping++;
    try {
      return await act();
    } finally {
      // One that is done first must not set back the clock of the others.
      if (--sweeping === 0) ahead = 0;
    }
  };
  const stream = async (batch: StreamBatch): Promise<boolean> => {
    const answer = await sweep(batch, { getRemainingTimeInMillis: () => 60_000 });
    return answer?.batchItemFailures.length === 0;
  };
  const woken = (chain: string): Promise<boolean> =>
    stream({ Records: [{ eventName: "INSERT", dynamodb: { Keys: { pk: { S: chain } } } }] });
  const called =
    (
      prefix: string,
      carried: { [name: string]: string },
      authorizer: HttpEvent["requestContext"]["authorizer"] & object,
    ): ReturnType<TestGateway["as"]> =>
    async (method, path, body, headers = {}) => {
      const [rawPath = "", rawQueryString = ""] = path.split("?");
      const route = matchRoute(method, rawPath)?.route;
      const routeKey = route === undefined ? "$default" : `${method} ${prefix}${route.path}`;
      const event: HttpEvent = {
        version: "2.0",
        routeKey,
        rawPath: `${prefix}${rawPath}`,
        rawQueryString,
        headers: { "content-type": "application/json", ...carried, ...headers },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        requestContext: {
          requestId: `call-${++calls}`,
          accountId: account,
          apiId: "local",
          stage: "$default",
          routeKey,
          http: { method },
          authorizer,
        },
      };
      const { iam } = authorizer as { iam?: { accountId: string; userId: string } };
      const line: WrittenLine = {
        at: clock.now(),
        call: event.requestContext.requestId,
        route: routeKey,
        path: event.rawPath,
        principal: iam === undefined || iam === null ? "" : `${iam.accountId}:${iam.userId}`,
      };
      accessLines.push(line);
      const serving = route?.function ?? routes[0]?.function ?? "requests";
      const answer = await gateway.invoke(serving, event);
      line.status = answer.status;
      return answer;
    };
  const gateway: TestGateway = {
    emulator: watched(emulator),
    events: watchedEvents(eventsBy(engine.client)),
    logged,
    counted,
    dynamodb: engine.client,
    dynamodbOf: (name) => clients.get(name) ?? engine.client,
    remainingMs: 29_000,
    as: (profile) =>
      called(
        "",
        {},
        {
          iam: {
            accountId: account,
            userArn: `arn:aws:iam::${account}:user/${profile}`,
            userId: uniqueIdOf(profile),
            cognitoIdentity: null,
          },
        },
      ),
    byToken: (token, by = {}) =>
      called(
        by.prefix ?? "/web",
        "authorization" in by
          ? by.authorization === undefined
            ? {}
            : { authorization: by.authorization }
          : { authorization: `Bearer ${token}` },
        by.authorizer ?? { jwt: { claims: flattened(token), scopes: null } },
      ),
    invoke: async (name, event) => {
      const answer = await functions[name](event, {
        getRemainingTimeInMillis: () => gateway.remainingMs,
      });
      return {
        status: answer.statusCode ?? 0,
        body: JSON.parse(answer.body ?? "null"),
        headers: answer.headers ?? {},
      };
    },
    project: async (id) => {
      await projector({
        Records: [{ eventName: "INSERT", dynamodb: { Keys: { pk: { S: `REQ#${id}` } } } }],
      });
    },
    sweep: (aheadMs = 0) =>
      later(aheadMs, async () => {
        await sweep({}, { getRemainingTimeInMillis: () => 60_000 });
      }),
    wake: (id, aheadMs = 0) => later(aheadMs, () => woken(`REQ#${id}`)),
    endAll: async () => {
      for (const { input } of emulator.calls) {
        const name = input["RoleSessionName"];
        const id = typeof name === "string" ? /^req-(.*)\.\d+$/.exec(name)?.[1] : undefined;
        if (id === undefined || ended.has(id)) continue;
        ended.add(id);
        // Not the round of all that is due: its mark would pass what is asked for afterwards.
        await gateway.wake(id, LONG_MS);
      }
    },
    watch: (event, aheadMs = 0) =>
      later(aheadMs, async () => {
        await watcher(event, { getRemainingTimeInMillis: () => 300_000 });
      }),
    accessLines,
    wakeLocked: () => woken("LOCK"),
    wakeFound: () => woken(watchChain(account, clock.now())),
    wakeActivated: () => woken("CONF"),
    stream,
    close: async () => {
      await emulator.close();
      engine.stop();
    },
  };
  if (options.activate !== false) {
    const activated = await gateway.as("operator")("POST", "/v1/activations", {
      ...(options.set ?? rulesHere()),
      reason: "the first set",
    });
    if (activated.status !== 200)
      throw new Error(`activation failed: ${JSON.stringify(activated.body)}`);
  }
  return gateway;
}

/** Its claims as API Gateway hands them on: each one text, and a list in brackets. */
function flattened(token: string): { [claim: string]: string } {
  const claims = JSON.parse(
    Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"),
  ) as { [claim: string]: unknown };
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(" ")}]` : String(value),
    ]),
  );
}
