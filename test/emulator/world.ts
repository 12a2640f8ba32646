import { createCredentials, type Identity } from "../../emulator/credentials.ts";
import { createFleet } from "../../emulator/fleet.ts";
import type { FleetDescription } from "../../emulator/fleet-description.ts";
import { createSessionTable } from "../../emulator/sessions.ts";
import { type RoleDescription, readRoles } from "../../emulator/sts/roles.ts";
import type { World } from "../../emulator/world.ts";

export const account = "111122223333";
export const region = "us-east-1";

/**
 * An emulated account for one test: no server, no process, a clock that the test moves, and random bytes
 * that only count up.
 */
export function createWorld(
  start: {
    now?: () => number;
    identities?: Identity[];
    roles?: RoleDescription[];
    fleet?: FleetDescription;
  } = {},
): World {
  let count = 0;
  const random = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => count++ % 256);
  const now = start.now ?? ((): number => Date.parse("2026-11-24T08:20:21Z"));
  const processless = (): never => {
    throw new Error("no process runs in this world");
  };
  return {
    account,
    region,
    now,
    random,
    fleet: createFleet(start.fleet ?? { clusters: [], taskDefinitions: [] }, {
      account,
      region,
      now,
      random,
      onTaskStopped: () => undefined,
    }),
    credentials: createCredentials(start.identities ?? [], now, random),
    roles: readRoles(start.roles ?? []),
    logGroups: new Map(),
    sessions: createSessionTable({
      account,
      root: "",
      reaper: processless,
      gatewayUrl: processless,
      handshake: false,
      now,
      random,
    }),
  };
}
