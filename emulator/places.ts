import type { Credentials } from "./credentials.ts";
import { createFleet } from "./fleet.ts";
import type { FleetDescription } from "./fleet-description.ts";
import type { LogGroups } from "./logs/log-group.ts";
import { createSessionTable, type SessionTable, type SessionTableOptions } from "./sessions.ts";
import type { Roles } from "./sts/roles.ts";
import type { World } from "./world.ts";

/** An account in a region, and what runs there. */
export interface PlaceDescription {
  account: string;
  region: string;
  fleet: FleetDescription;
}

/** Every account in every region of an emulator: each has clusters, tasks and sessions of its own. */
export interface Places {
  readonly home: World;
  readonly regions: ReadonlySet<string>;
  /** Of a region that is named somewhere; with nothing in it where it is not described for that account. */
  worldOf(account: string, region: string): World | undefined;
  /** The sessions of the place that has this one. */
  sessionsWith(sessionId: string): SessionTable | undefined;
  killAll(): void;
}

export interface PlacesOptions extends Omit<SessionTableOptions, "account"> {
  credentials: Credentials;
  roles: Roles;
  /** Of home; nobody writes any elsewhere. */
  logGroups: LogGroups;
}

const NOTHING: FleetDescription = { clusters: [], taskDefinitions: [] };

/** The first of `described` is home. Throws TypeError where two are the same, and what `createFleet` throws. */
export function createPlaces(
  described: readonly [PlaceDescription, ...PlaceDescription[]],
  { credentials, roles, logGroups, ...options }: PlacesOptions,
): Places {
  const { now, random } = options;
  const keyOf = (account: string, region: string): string => `${account}/${region}`;
  const given = new Map(
    described.map(({ account, region, fleet }) => [keyOf(account, region), fleet]),
  );
  if (given.size !== described.length) throw new TypeError("an account and region are there twice");
  const regions = new Set(described.map(({ region }) => region));
  const worlds = new Map<string, World>();
  const worldOf = (account: string, region: string): World | undefined => {
    const key = keyOf(account, region);
    const known = worlds.get(key);
    if (known !== undefined || !regions.has(region)) return known;
    const sessions = createSessionTable({ ...options, account });
    const fleet = createFleet(given.get(key) ?? NOTHING, {
      account,
      region,
      now,
      random,
      onTaskStopped: (task) => sessions.endTask(task),
    });
    const shared = { now, random, credentials, roles };
    const isHome = worlds.size === 0;
    const world: World = {
      ...shared,
      account,
      region,
      fleet,
      sessions,
      logGroups: isHome ? logGroups : new Map(),
    };
    worlds.set(key, world);
    return world;
  };
  const [home] = described.map(({ account, region }) => worldOf(account, region));
  if (home === undefined) throw new TypeError("no place is home");
  return {
    home,
    regions,
    worldOf,
    sessionsWith: (id) =>
      [...worlds.values()].find(({ sessions }) => sessions.get(id) !== undefined)?.sessions,
    killAll() {
      for (const { sessions } of worlds.values()) sessions.killAll();
    },
  };
}
