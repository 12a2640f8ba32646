import type { LogGroup } from "../emulator/logs/log-group.ts";
import { type Emulator, startEmulator } from "../emulator/server.ts";
import { accessLogGroup, account, demoFleet, region } from "./fleet.ts";
import type { FunctionKeys } from "./identities.ts";
import {
  adminIdentity,
  functionIdentity,
  functionNames,
  type Keys,
  type ProfileName,
  targetRoles,
  userIdentity,
  userNames,
} from "./identities.ts";
import { portProblem } from "./problem.ts";

export interface EmulatedAwsOptions {
  /** Of the gateway: the emulator takes the next one and its message gateway the one after. 0 takes any. */
  port: number;
  profiles: { [name in ProfileName]: Keys };
  keys: FunctionKeys;
  accessLog: LogGroup;
  now: () => number;
  random?: (n: number) => Uint8Array;
  log: (line: string) => void;
}

/** The one account there is on one machine: its clusters, who is in it and its roles. Throws where a port is taken. */
export async function startEmulatedAws(options: EmulatedAwsOptions): Promise<Emulator> {
  const { port, profiles, keys, accessLog, ...others } = options;
  return await startEmulator({
    ...others,
    port: port === 0 ? 0 : port + 1,
    gatewayPort: port === 0 ? 0 : port + 2,
    account,
    region,
    fleet: demoFleet,
    identities: [
      ...userNames.map((name) => userIdentity(name, profiles[name])),
      adminIdentity(profiles.admin),
      ...functionNames.map((name) => functionIdentity(name, keys[name])),
    ],
    roles: targetRoles(),
    logGroups: new Map([[accessLogGroup, accessLog]]),
  }).catch(portProblem);
}
