import { cedarPolicyEngine } from "../../adapters/cedar-policy-engine.ts";
import { matchRoute } from "../../api/routes.ts";
import type { EpochMillis } from "../../core/clock.ts";
import type { Place } from "../../core/containers.ts";
import type { StoredEvent } from "../../core/event.ts";
import type { EventStore } from "../../core/event-store.ts";
import { LOCK } from "../../core/locks.ts";
import type { MetricName } from "../../core/metrics.ts";
import type { Rates } from "../../core/rate-limits.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { CONF } from "../../lambdas/activated.ts";
import type { HttpEvent } from "../../lambdas/chain/read-call.ts";
import { decideFunction } from "../../lambdas/decide/function.ts";
import { execFunction } from "../../lambdas/exec/function.ts";
import { allowed, causes, type Log } from "../../lambdas/log.ts";
import type { CommonPorts, Composed, SweeperPorts, WatcherPorts } from "../../lambdas/ports.ts";
import { projectorFunction } from "../../lambdas/projector/function.ts";
import { requestsFunction } from "../../lambdas/requests/function.ts";
import type { StreamBatch } from "../../lambdas/stream-batch.ts";
import { sweeperFunction } from "../../lambdas/sweeper/function.ts";
import { watcherFunction } from "../../lambdas/watcher/function.ts";
import { rulesHere } from "../../local/rules-here.ts";
import { uniqueIds } from "../kit/profiles.ts";
import { askedOnce } from "./asked-once.ts";
import { seeded } from "./chance.ts";
import { type WorldClock, worldClock } from "./clock.ts";
import { clusterArn, place } from "./fleet.ts";
import { type Intercept, intercepted, type PortCall } from "./intercept.ts";
import type { Journal } from "./journal.ts";
import { memoryAccessLog, type WrittenLine } from "./memory-access-log.ts";
import { type MemoryAws, memoryAws } from "./memory-aws.ts";
import { memoryLimits, memoryRefusalCounts } from "./memory-counts.ts";
import { memoryEvents } from "./memory-events.ts";
import { memoryMarks, memoryViews } from "./memory-lists.ts";
import { copyOf, emptyTables, eventsIn, type Tables } from "./tables.ts";

/** Whoever is in the directory. */
export type Who = Exclude<keyof typeof uniqueIds, "nobody">;

export const START: EpochMillis = Date.UTC(2026, 10, 24, 8, 20);
const tableArn = "arn:aws:dynamodb:us-east-1:111122223333:table/events";
/** What API Gateway waits for an answer, and what the sweeper is given. */
const HTTP_MS = 29_000;
const SWEEP_MS = 60_000;
const WATCH_MS = 300_000;

// oxlint-disable-next-line typescript/no-explicit-any -- answers are read by tests, member by member
export type Answered = { status: number; body: any };

const noLimit: Rates = { write: 1e6, read: 1e6, target: 1e6 };

export interface WorldOptions {
  seed?: number;
  /** How much may be done in a minute; no limit that a test would meet where absent. */
  rates?: Rates;
  intercept?: Intercept;
  /** Where its clusters may be; that of the fleet where absent. */
  places?: [Place, ...Place[]];
  /** In place of one that passes when everybody waits. */
  clock?: WorldClock;
  /** Where it goes on with a copy of another world's tables, its clock and its AWS: what a restore leaves. */
  onto?: { tables: Tables; tableArn: string; clock: WorldClock; aws: MemoryAws };
  /** In place of the store in memory, which tells `stored` of what has become durable. */
  store?: (stored: (events: StoredEvent[]) => void) => EventStore;
}

export interface World {
  readonly seed: number;
  readonly clock: WorldClock;
  readonly tables: Tables;
  /** The record, beside all that may be done to the functions' calls of it. */
  readonly events: EventStore;
  readonly aws: MemoryAws;
  /** What became durable, what reached AWS and what was answered, in that order. */
  readonly journal: Journal;
  /** Lines as the functions' own log writes them. */
  readonly logged: string[];
  /** What was counted for alarms. */
  readonly counted: MetricName[];
  /** Whether the rules' engine has trapped, of every function at once. */
  engineLost: boolean;
  /** How often the sweeper wanted to begin anew for that. */
  begunAnew: number;
  /** Stands between the functions and all their ports. It may be set anew at any time. */
  intercept: Intercept;
  /** One call as API Gateway delivers it. It never answers once its function was killed. */
  call(
    who: Who,
    method: "GET" | "POST" | "DELETE",
    path: string,
    body?: unknown,
    headers?: { [name: string]: string },
  ): Promise<Answered>;
  /** Asks for `/bin/ls` in payments-api, where nothing else is wished. */
  ask(who?: Who, wish?: object, key?: string): Promise<Answered>;
  approve(who: Who, id: string, key?: string): Promise<Answered>;
  deny(who: Who, id: string): Promise<Answered>;
  revoke(who: Who, id: string, key?: string): Promise<Answered>;
  cancel(who: Who, id: string): Promise<Answered>;
  open(who: Who, id: string): Promise<Answered>;
  /** A round of the sweeper; `wake` is the stream's, for one request. */
  sweep(): Promise<void>;
  wake(id: string): Promise<boolean>;
  wakeLocked(): Promise<boolean>;
  wakeActivated(): Promise<boolean>;
  /** The sweeper, called with what the stream would deliver. */
  stream(batch: StreamBatch): ReturnType<ReturnType<typeof sweeperFunction>>;
  project(id: string): Promise<void>;
  /** The watcher, called with what EventBridge would deliver. */
  watch(event: object): ReturnType<ReturnType<typeof watcherFunction>>;
  /** What API Gateway wrote of each call, in their order; what is taken away was never written. */
  readonly accessLines: WrittenLine[];
  /** Ids of all requests on record, oldest chain first. */
  requests(): string[];
  /** Has something done by other instances of the functions, while those that are running stand. */
  aside<T>(does: () => Promise<T>): Promise<T>;
  /** Kills every function where it stands; new ones begin on what is durable. */
  restart(): void;
  /** What `verifyChains` finds in the whole table. */
  verify(): ReturnType<typeof verifyChains>;
}

const policy = askedOnce(cedarPolicyEngine());
/** What the first activation left behind, for every world that begins after it. */
let activated: Promise<Begun> | undefined;

interface Begun {
  tables: Tables;
  journal: Journal;
  accessLines: readonly WrittenLine[];
}

/**
 * The gateway in memory: the real functions, rules by Cedar, on tables and an AWS of this process. Time, ids and
 * chance follow from the seed. The rules of the repository are in force from the beginning, unless `activate` is
 * false: then the table is empty, and no other world's.
 */
export async function world(options: WorldOptions & { activate?: boolean } = {}): Promise<World> {
  if (options.activate === false || options.onto !== undefined) return build(options, undefined);
  activated ??= firstActivation();
  return build(options, await activated);
}

/** Reading a set of rules takes a third of a second: it is done once, and its table copied. */
async function firstActivation(): Promise<Begun> {
  const first = build({ seed: 0 }, undefined);
  const set = { ...rulesHere(), reason: "the first set" };
  const { status, body } = await first.call("operator", "POST", "/v1/activations", set);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { tables, accessLines } = first;
  return { tables, journal: first.journal.filter(({ what }) => what === "stored"), accessLines };
}

function build(options: WorldOptions, begun: Begun | undefined): World {
  const seed = options.seed ?? 1;
  const random = seeded(seed);
  const { onto } = options;
  const clock = onto?.clock ?? options.clock ?? worldClock(START);
  const journal: Journal = [...(begun?.journal ?? [])];
  const logged: string[] = [];
  const counted: MetricName[] = [];
  const from = onto?.tables ?? begun?.tables;
  const tables = from === undefined ? emptyTables() : copyOf(from);
  const accessLines: WrittenLine[] = structuredClone([...(begun?.accessLines ?? [])]);
  const ownAws = memoryAws(clock, seeded(seed ^ 0x5a5a5a5a), (call) => {
    journal.push({ what: "wire", at: clock.now(), call });
  });
  const aws = onto?.aws ?? ownAws;
  const log: Log = {
    info: (message, fields) => void logged.push(JSON.stringify({ message, ...allowed(fields) })),
    error: (message, fields, error) =>
      void logged.push(JSON.stringify({ message, ...allowed(fields), causes: causes(error) })),
  };
  const stored = (events: StoredEvent[]): void => {
    journal.push({ what: "stored", at: clock.now(), events });
  };
  const events =
    options.store?.(stored) ?? memoryEvents(tables, onto?.tableArn ?? tableArn, stored);
  let calls = accessLines.length;
  let running = compose();

  /** New functions on the same tables, which all stop together. */
  function compose() {
    let alive = true;
    const stopped = (): Promise<never> => new Promise(() => {});
    const through: Intercept = async (call, next) => {
      if (!alive) return await stopped();
      const answer = await settled(built.intercept(call, next));
      if (!alive) return await stopped();
      if (answer.kind === "failed") throw answer.error;
      return answer.value;
    };
    const by = <Ports extends object>(name: PortCall["by"], ports: Ports): Ports =>
      intercepted(ports, name, through);
    const views = memoryViews(tables);
    const timed = {
      now: () => clock.now(),
      sleep: async (ms: number) => {
        await clock.sleep(ms);
        if (!alive) await stopped();
      },
    };
    const common: Composed<CommonPorts> = {
      events,
      limits: memoryLimits(tables, options.rates ?? noLimit),
      refusalCounts: memoryRefusalCounts(tables),
      policy: {
        ...policy,
        isLost: () => built.engineLost,
        judge: (set, question) =>
          built.engineLost
            ? { kind: "deny", why: "error", rules: [], errors: ["the policy engine is lost"] }
            : policy.judge(set, question),
      },
      clock: timed,
      random,
      log,
      tokens: {
        verify: () => Promise.reject(new Error("nobody has a token in this world")),
      },
      deployment: {
        api: { id: "local", account: place.account, stage: "$default" },
        territory: { partition: "aws", places: options.places ?? [place] },
        clusters: [clusterArn("demo")],
        bootstrap: [
          {
            person: "operator",
            principal: { account: place.account, uniqueId: uniqueIds.operator },
          },
        ],
        trustedRoles: [],
        issuers: [],
      },
    };
    const { containers, execRoles, sessionEnder, sessionWatch } = aws;
    const ofSweeper: Composed<SweeperPorts> = {
      ...common,
      metrics: { count: (name) => void counted.push(name) },
      containers,
      sessionEnder,
      sessionWatch,
      marks: memoryMarks(tables),
    };
    const ofWatcher: Composed<WatcherPorts> = {
      ...common,
      accessLog: memoryAccessLog(accessLines),
      sessionWatch,
      marks: memoryMarks(tables),
      metrics: ofSweeper.metrics,
      guarded: { partition: "aws", home: place.account, clusters: [clusterArn("demo")] },
    };
    return {
      requests: requestsFunction(
        by("requests", { ...common, containers, overview: containers, views }),
      ),
      decide: decideFunction(by("decide", { ...common, containers })),
      exec: execFunction(
        by("exec", { ...common, containers, execRoles, sessionEnder, sessionWatch }),
      ),
      sweeper: sweeperFunction(by("sweeper", ofSweeper), () => void built.begunAnew++),
      projector: projectorFunction(by("projector", { events, views, log })),
      watcher: watcherFunction(by("watcher", ofWatcher)),
      stop: () => {
        alive = false;
      },
    };
  }

  const stream = (batch: StreamBatch) =>
    running.sweeper(batch, { getRemainingTimeInMillis: () => SWEEP_MS });
  const woken = async (chain: string): Promise<boolean> => {
    const batch = await stream(batchOf(chain));
    return batch?.batchItemFailures.length === 0;
  };

  const built: World = {
    seed,
    clock,
    tables,
    events,
    aws,
    journal,
    logged,
    counted,
    engineLost: false,
    begunAnew: 0,
    intercept: options.intercept ?? ((_, next) => next()),

    async call(who, method, path, body, headers = {}) {
      const [rawPath = "", rawQueryString = ""] = path.split("?");
      const route = matchRoute(method, rawPath)?.route;
      const routeKey = route === undefined ? "$default" : `${method} ${route.path}`;
      const id = `call-${++calls}`;
      const since = clock.waited();
      const line: WrittenLine = {
        at: clock.now(),
        call: id,
        route: `${method} ${matchRoute(method, rawPath)?.route.path ?? ""}`,
        path: rawPath,
        principal: `${place.account}:${uniqueIds[who]}`,
      };
      accessLines.push(line);
      const sent = typeof body === "string" ? body : JSON.stringify(body ?? {});
      const event: HttpEvent = {
        version: "2.0",
        routeKey,
        rawPath,
        rawQueryString,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined
          ? {}
          : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        requestContext: {
          requestId: id,
          accountId: place.account,
          apiId: "local",
          stage: "$default",
          routeKey,
          http: { method },
          authorizer: {
            iam: {
              accountId: place.account,
              userArn: `arn:aws:iam::${place.account}:user/${who}`,
              userId: uniqueIds[who],
              cognitoIdentity: null,
            },
          },
        },
      };
      const serving = route?.function ?? "requests";
      const answer = await running[serving](event, { getRemainingTimeInMillis: () => HTTP_MS });
      const status = answer.statusCode ?? 0;
      line.status = status;
      const text = answer.body ?? "null";
      journal.push({
        what: "answer",
        at: clock.now(),
        answer: {
          who,
          method,
          path,
          call: id,
          sent,
          tookMs: clock.waited() - since,
          key: headers["idempotency-key"],
          status,
          text,
        },
      });
      return { status, body: JSON.parse(text) };
    },

    ask: (who = "dev", wish = {}, key) =>
      built.call(
        who,
        "POST",
        "/v1/requests",
        {
          target: { cluster: "demo", service: "payments-api", container: "app" },
          command: "/bin/ls",
          reason: "a look",
          ...wish,
        },
        keyed(key),
      ),
    approve: (who, id, key) => decided(who, "approve", id, key),
    deny: (who, id) => decided(who, "deny", id),
    revoke: (who, id, key) => built.call(who, "POST", `/v1/requests/${id}/revoke`, {}, keyed(key)),
    cancel: (who, id) => built.call(who, "POST", `/v1/requests/${id}/cancel`, {}),
    open: (who, id) => built.call(who, "POST", `/v1/requests/${id}/sessions`),
    async sweep() {
      await running.sweeper({}, { getRemainingTimeInMillis: () => SWEEP_MS });
    },
    wake: (id) => woken(`REQ#${id}`),
    wakeLocked: () => woken(LOCK),
    wakeActivated: () => woken(CONF),
    stream,
    async project(id) {
      await running.projector(batchOf(`REQ#${id}`));
    },
    watch: (event) => running.watcher(event, { getRemainingTimeInMillis: () => WATCH_MS }),
    accessLines,
    requests: () =>
      [...tables.items.keys()].flatMap((pk) => (pk.startsWith("REQ#") ? [pk.slice(4)] : [])),
    async aside(does) {
      const standing = running;
      running = compose();
      try {
        return await does();
      } finally {
        running = standing;
      }
    },
    restart() {
      running.stop();
      running = compose();
    },
    verify: () => verifyChains(eventsIn(tables)),
  };

  async function decided(who: Who, decision: "approve" | "deny", id: string, key?: string) {
    const { body } = await built.call(who, "GET", `/v1/requests/${id}`);
    return await built.call(
      who,
      "POST",
      `/v1/requests/${id}/decisions`,
      { decision, digest: body.digest ?? "" },
      keyed(key),
    );
  }

  return built;
}

function keyed(key: string | undefined): { [name: string]: string } {
  return key === undefined ? {} : { "idempotency-key": key };
}

function batchOf(chain: string) {
  return { Records: [{ eventName: "INSERT", dynamodb: { Keys: { pk: { S: chain } } } }] };
}

async function settled<T>(
  promise: Promise<T>,
): Promise<{ kind: "value"; value: T } | { kind: "failed"; error: unknown }> {
  try {
    return { kind: "value", value: await promise };
  } catch (error) {
    return { kind: "failed", error };
  }
}
