import { join } from "node:path";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { systemClock, systemRandom } from "../adapters/system-clock.ts";
import type { Clock } from "../core/clock.ts";
import { bytesToHex } from "../core/digest.ts";
import type { Rates } from "../core/rate-limits.ts";
import type { Issuer } from "../core/token.ts";
import type { Emulator } from "../emulator/server.ts";
import { decideFunction } from "../lambdas/decide/function.ts";
import { execFunction } from "../lambdas/exec/function.ts";
import type {
  Composed,
  DecidePorts,
  ExecPorts,
  ProjectorPorts,
  RequestsPorts,
  SweeperPorts,
  WatcherPorts,
} from "../lambdas/ports.ts";
import { projectorFunction } from "../lambdas/projector/function.ts";
import { requestsFunction } from "../lambdas/requests/function.ts";
import { sweeperFunction } from "../lambdas/sweeper/function.ts";
import { watcherFunction } from "../lambdas/watcher/function.ts";
import { openAccessLog } from "./access-log.ts";
import { startBackground } from "./background.ts";
import { startControl } from "./control.ts";
import { startEmulatedAws } from "./emulated-aws.ts";
import { startEngine } from "./engine.ts";
import { openFindings } from "./findings.ts";
import { account, region } from "./fleet.ts";
import { type FrontDoor, startFrontDoor } from "./front-door.ts";
import { type FunctionPorts, functionPorts } from "./functions.ts";
import { callersOf, functionKeys, type Keys, type ProfileName } from "./identities.ts";
import { createPauses, pausePoints, pausingAnswers, pausingPorts } from "./pauses.ts";
import { portProblem } from "./problem.ts";
import { seedRules } from "./seed-rules.ts";
import { type Endpoints, openState } from "./state.ts";
import { openTables } from "./tables.ts";

export interface LocalGatewayOptions {
  /** Of the API; the emulator takes the next one and the message gateway the one after. 0 takes any. */
  port: number;
  stateDir: string;
  /** Variables for commands in demo/payments-api:app. */
  containerEnv?: { [name: string]: string };
  /** Puts something between a function and its ports. */
  wrap?: {
    requests?(ports: Composed<RequestsPorts>): Composed<RequestsPorts>;
    decide?(ports: Composed<DecidePorts>): Composed<DecidePorts>;
    exec?(ports: Composed<ExecPorts>): Composed<ExecPorts>;
    projector?(ports: ProjectorPorts): ProjectorPorts;
    sweeper?(ports: Composed<SweeperPorts>): Composed<SweeperPorts>;
    watcher?(ports: Composed<WatcherPorts>): Composed<WatcherPorts>;
  };
  /**
   * Whether an empty record is given the rules of policies/.
   *
   * @default true
   */
  seedRules?: boolean;
  /** Of the functions, the front door and the emulator alike; the machine's where absent. */
  clock?: Clock;
  /**
   * How much may be done in a minute.
   *
   * @default as deployed
   */
  rates?: Rates;
  /** Whose tokens are taken, at /web/v1 and at /web/<name>/v1. */
  issuers?: readonly Issuer[];
  /** What the emulator draws its ids and tokens from; the machine's chance where absent. */
  random?: (n: number) => Uint8Array;
  /** Told each finding that would raise an alarm, in a line. */
  onFinding?(line: string): void;
  /** Told once if the engine ends by itself: nothing can be recorded then, and so nothing opened. */
  onLost?(): void;
}

export interface LocalGateway extends Endpoints {
  stateDir: string;
  ports: { api: number; emulator: number; gateway: number };
  /** The users' keys, and the administrator's. */
  profiles: { [name in ProfileName]: Keys };
  rules: "activated" | "same" | "differs" | "not asked for";
  emulatorHandle: Emulator;
  /** What the functions were given, before anything was wrapped around it. */
  functionPorts: FunctionPorts;
  /** Ends everything that was started, every shell among it. */
  close(): Promise<void>;
}

/**
 * The gateway on one machine: the functions as they are deployed, behind a front door that judges
 * signatures, in front of an emulator of AWS and an engine for the tables. Loopback only.
 *
 * Throws, with a hint, where it cannot start; nothing is left running then.
 */
export async function startLocalGateway(options: LocalGatewayOptions): Promise<LocalGateway> {
  const closers: (() => unknown)[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      const failures: unknown[] = [];
      for (const end of closers.splice(0).reverse()) {
        try {
          await end();
        } catch (error) {
          failures.push(error); // whatever else was started has to end all the same
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "not everything ended cleanly");
    })();
    return closed;
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close().catch(() => undefined); // why it could not start is the news
    throw error;
  }
}

async function start(
  options: LocalGatewayOptions,
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<LocalGateway> {
  const clock = options.clock ?? systemClock;
  const random = systemRandom;
  const state = await openState(options.stateDir, random);
  const { profiles } = state;
  const keys = functionKeys(random);
  const accessLog = openAccessLog(join(state.folder, "access.log"), clock.now(), (error) =>
    state.log("front-door").error("a call was not written down", {}, error),
  );

  const engine = await startEngine(join(state.folder, "record.db"), process.env, () => {
    state.log("engine").error("the engine ended by itself", {}, new Error("lost"));
    options.onLost?.();
  });
  closers.push(() => engine.close());
  const toEngine = {
    endpoint: engine.endpoint,
    region,
    // It checks none; these only keep the SDK from looking for the user's own.
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const dynamodb = new DynamoDBClient(toEngine);
  closers.push(() => dynamodb.destroy());
  const tables = await openTables(dynamodb);

  const emulator = await startEmulatedAws({
    port: options.port,
    profiles,
    keys,
    accessLog,
    now: () => clock.now(),
    ...(options.random === undefined ? {} : { random: options.random }),
    log: (line) => state.log("emulator").error("a defect", {}, new Error(line)),
  });
  closers.push(() => emulator.close());
  emulator.fleet.setContainerEnv("demo", "payments-api", "app", options.containerEnv ?? {});

  const logs = new CloudWatchLogsClient({
    endpoint: emulator.url,
    region,
    credentials: keys.watcher,
  });
  closers.push(() => logs.destroy());
  const ports = functionPorts({
    dynamodb,
    logs,
    tables,
    emulatorUrl: emulator.url,
    keys,
    clock,
    random,
    log: (name) => state.log(name),
    ...(options.rates === undefined ? {} : { rates: options.rates }),
    issuers: options.issuers ?? [],
    counted: () => findings.look(),
  });
  const findings = await openFindings({
    events: ports.watcher.events,
    clock,
    account,
    tell: options.onFinding ?? (() => undefined),
    failed: (error) => state.log("watcher").error("a finding was not told", {}, error),
  });
  closers.push(() => findings.stop());
  const wrap = options.wrap ?? {};
  const pauses = createPauses();
  // Whoever waits at a pause goes on, so that the front door can finish with them.
  closers.push(() => pausePoints.forEach((point) => pauses.release(point)));
  const streams = new DynamoDBStreamsClient(toEngine);
  closers.push(() => streams.destroy());
  const background = startBackground({
    streams,
    streamArn: tables.streamArn,
    trail: emulator.trail,
    functions: {
      projector: projectorFunction(wrap.projector?.(ports.projector) ?? ports.projector),
      sweeper: sweeperFunction(wrap.sweeper?.(ports.sweeper) ?? ports.sweeper),
      watcher: watcherFunction(wrap.watcher?.(ports.watcher) ?? ports.watcher),
    },
    log: (name) => state.log(name),
  });
  closers.push(() => background.stop());

  const frontDoor: FrontDoor = await startFrontDoor({
    port: options.port,
    region,
    functions: {
      requests: requestsFunction(wrap.requests?.(ports.requests) ?? ports.requests),
      decide: decideFunction(wrap.decide?.(ports.decide) ?? ports.decide),
      exec: pausingAnswers(
        execFunction(pausingPorts(wrap.exec?.(ports.exec) ?? ports.exec, pauses)),
        pauses,
      ),
    },
    ...callersOf(profiles),
    issuers: options.issuers ?? [],
    random,
    now: () => clock.now(),
    log: state.log("front-door"),
    access: (at, call) => accessLog.write(at, call),
  }).catch(portProblem);
  closers.push(() => frontDoor.close());

  const token = bytesToHex(random(16));
  const control = await startControl(token, {
    faults: {
      add: (match, fault) => emulator.fault(match, fault),
      clear: () => emulator.clearFaults(),
    },
    dropClients: () => emulator.dropClients(),
    pauses,
  });
  closers.push(() => control.close());

  const endpoints: Endpoints = {
    api: `http://127.0.0.1:${frontDoor.port}`,
    emulator: emulator.url,
    gateway: emulator.gatewayUrl,
    region,
    pid: process.pid,
  };
  const rules =
    options.seedRules === false
      ? ("not asked for" as const)
      : await seedRules({
          api: endpoints.api,
          operator: profiles.operator,
          events: ports.decide.events,
          engineVersion: ports.decide.policy.version,
        });
  state.announce(endpoints);
  state.announceControl({ url: control.url, token });
  closers.push(() => state.withdraw());
  return {
    ...endpoints,
    stateDir: state.folder,
    ports: {
      api: frontDoor.port,
      emulator: Number(new URL(emulator.url).port),
      gateway: Number(new URL(emulator.gatewayUrl).port),
    },
    profiles,
    rules,
    emulatorHandle: emulator,
    functionPorts: ports,
    close,
  };
}
