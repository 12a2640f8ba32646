import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAwsApi } from "./aws-api.ts";
import { createTrail, type Trail } from "./cloud-trail/trail.ts";
import { createCredentials, type Identity } from "./credentials.ts";
import { createFaults, type Fault, type FaultMatch } from "./faults.ts";
import type { Fleet } from "./fleet.ts";
import type { FleetDescription } from "./fleet-description.ts";
import type { LogGroups } from "./logs/log-group.ts";
import { type MessageGateway, startMessageGateway } from "./message-gateway/server.ts";
import { createPlaces, type PlaceDescription } from "./places.ts";
import { type Reaper, startReaper } from "./reaper.ts";
import { type RoleDescription, readRoles } from "./sts/roles.ts";
import { ecsThrottle, noThrottle } from "./throttle.ts";
import { recordCall, type WireCall } from "./wire-call.ts";

export interface EmulatorOptions {
  /** 0 takes any free one. Both bind 127.0.0.1 only. */
  port: number;
  gatewayPort: number;
  account: string;
  region: string;
  fleet: FleetDescription;
  /** Further accounts and regions. All share STS, and the port. */
  elsewhere?: readonly PlaceDescription[];
  identities: Identity[];
  roles: RoleDescription[];
  /** Log groups that somebody here writes to. */
  logGroups?: LogGroups;
  /** Sessions begin with a handshake, as on a cluster with a KMS key; real ones without do not. */
  handshake?: boolean;
  /** Refuses reads of ECS beyond what AWS gives an account; how many come is not counted where absent. */
  throttled?: boolean;
  /** Epoch milliseconds. */
  now?: () => number;
  random?: (n: number) => Uint8Array;
  /** One line for each defect of the emulator itself; standard error where absent. */
  log?: (line: string) => void;
}

export interface Emulator {
  /** For `--endpoint-url`. */
  url: string;
  gatewayUrl: string;
  /** Of its own account and region. */
  fleet: Fleet;
  /** Of another place. Throws TypeError where there is none. */
  fleetOf(account: string, region: string): Fleet;
  /** Every request that arrived, in order; of very many the last 10,000. */
  calls: WireCall[];
  /** Strikes calls of an operation from now on. */
  fault(match: FaultMatch, what: Fault): void;
  clearFaults(): void;
  /** What CloudTrail tells of calls that lead into a container, in every account. */
  trail: Trail;
  /** Breaks every client's connection to its session. The sessions run on. */
  dropClients(): void;
  /** Ends the servers and every process that was started in a container, and no other. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of the AWS surfaces that an ECS Exec gateway touches: ECS, STS and SSM on one
 * port, and the Session Manager message gateway on another. Signatures and policies are judged for
 * real; "containers" are processes on this machine, running as you.
 *
 * Throws PolicyError where a policy holds something the evaluator does not implement, and the error of
 * the operating system where a port is taken. Nothing is left running then.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const random = options.random ?? ((n: number) => randomBytes(n));
  const log = options.log ?? ((line: string) => void process.stderr.write(`emulator: ${line}\n`));
  const { account, region } = options;

  const credentials = createCredentials(options.identities, now, random);
  const roles = readRoles(options.roles);
  const calls: WireCall[] = [];
  const faults = createFaults();
  const defect = (error: unknown): void =>
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const trail = createTrail(defect);

  const root = mkdtempSync(join(tmpdir(), "ecs-emulator-"));
  let reaper: Reaper | undefined;
  let gateway: MessageGateway | undefined;
  const places = createPlaces(
    [{ account, region, fleet: options.fleet }, ...(options.elsewhere ?? [])],
    {
      credentials,
      roles,
      logGroups: options.logGroups ?? new Map(),
      root,
      reaper: () => started(reaper),
      gatewayUrl: () => `ws://127.0.0.1:${started(gateway).port}`,
      handshake: options.handshake ?? false,
      now,
      random,
    },
  );
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };

  try {
    const watcher = await startReaper(root, () => {
      log("the reaper has gone: every shell is killed, and no more can be started");
      places.killAll();
    });
    reaper = watcher;
    closers.push(async () => {
      places.killAll();
      await watcher.close();
      rmSync(root, { recursive: true, force: true });
    });
    gateway = await startMessageGateway({
      port: options.gatewayPort,
      redeem: (id, token) => places.sessionsWith(id)?.redeem(id, token),
      left: (id) => places.sessionsWith(id)?.left(id),
      opened: ({ sessionId, accepted }) => {
        recordCall(calls, {
          service: "ssmmessages",
          operation: "OpenDataChannel",
          input: {},
          principal: "",
          accessKeyId: "",
          region: "",
          at: now(),
          status: accepted ? 101 : 403,
          sessionId,
        });
      },
    });
    closers.push(gateway.close);
    const api = await startAwsApi({
      port: options.port,
      places,
      faults,
      calls,
      throttle: options.throttled === true ? ecsThrottle(now) : noThrottle,
      trail,
      defect,
    });
    closers.push(api.close);
    return {
      url: `http://127.0.0.1:${api.port}`,
      gatewayUrl: `ws://127.0.0.1:${gateway.port}`,
      fleet: places.home.fleet,
      fleetOf(account, region) {
        const world = places.worldOf(account, region);
        if (world === undefined) throw new TypeError(`no place ${account}/${region}`);
        return world.fleet;
      },
      calls,
      fault: (match, what) => faults.add(match, what),
      clearFaults: () => faults.clear(),
      trail,
      dropClients: () => started(gateway).dropClients(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("used before it was started");
  return part;
}
