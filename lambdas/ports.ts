import type { AccessLog } from "../core/access-log.ts";
import type { Clock, Random } from "../core/clock.ts";
import type { Containers, Place } from "../core/containers.ts";
import type { EventStore, RecordReader } from "../core/event-store.ts";
import type {
  ExecRoles,
  SessionEnder,
  SessionWatch,
  TaskStopper,
} from "../core/execute-command.ts";
import type { Memberships } from "../core/group-source.ts";
import type { Marks } from "../core/marks.ts";
import type { Metrics } from "../core/metrics.ts";
import type { PolicyEngine } from "../core/policy-engine.ts";
import type { Limits } from "../core/rate-limits.ts";
import type { RefusalCounts } from "../core/refusal-counts.ts";
import type { Territory } from "../core/target.ts";
import type { Issuer, Tokens } from "../core/token.ts";
import type { Views } from "../core/views.ts";
import type { Guarded } from "../core/watch/guarded.ts";
import type { Log } from "./log.ts";
import type { Surroundings } from "./look-around.ts";

/** The API whose calls are served, and no other's. */
export interface Api {
  id: string;
  /** The one it is of. */
  account: string;
  stage: string;
}

/** What a deployment says of itself; the rest is in the activated set. */
export interface Deployment {
  api: Api;
  territory: Territory;
  /** Clusters the gateway may touch, by ARN. Any other answers as if it did not exist. */
  clusters: readonly string[];
  /** Persons who may activate the first set, by the principal they arrive as. */
  bootstrap: readonly { person: string; principal: { account: string; uniqueId: string } }[];
  /** Roles whose session names are set by somebody trusted, such as IAM Identity Center's. */
  trustedRoles: readonly { account: string; roleId: string }[];
  /** Whose tokens are taken, each by a door of its own (api/doors.ts). */
  issuers: readonly Issuer[];
  /** Whether tasks may be stopped to end what runs in them. Off where it is not said. */
  mayStopTasks?: boolean;
}

/**
 * Ports where they are put together, with the right to append. A handler's ports are these without it: a
 * change that goes round `commit` does not compile.
 */
export type Composed<Ports extends { events: RecordReader }> = Omit<Ports, "events"> & {
  events: EventStore;
};

/** What every function needs. Each composition root builds these once. */
export interface CommonPorts {
  events: RecordReader;
  limits: Limits;
  refusalCounts: RefusalCounts;
  policy: PolicyEngine;
  clock: Clock;
  random: Random;
  log: Log;
  deployment: Deployment;
  tokens: Tokens;
  /** Absent where IAM Identity Center is not configured. */
  memberships?: Memberships;
}

export interface RequestsPorts extends CommonPorts {
  containers: Containers;
  /** The same, at a pace that leaves ECS to others: for whoever looks at all services. */
  overview: Containers;
  /** Absent where this deployment looks at ECS alone. */
  surroundings?: Surroundings;
  views: Views;
}

export interface DecidePorts extends CommonPorts {
  containers: Containers;
}

export interface ExecPorts extends CommonPorts {
  containers: Containers;
  execRoles: ExecRoles;
  sessionEnder: SessionEnder;
  sessionWatch: SessionWatch;
}

export interface ProjectorPorts {
  events: RecordReader;
  views: Views;
  log: Log;
}

export interface SweeperPorts extends Omit<CommonPorts, "limits" | "memberships" | "tokens"> {
  containers: Containers;
  sessionEnder: SessionEnder;
  sessionWatch: SessionWatch;
  /** Absent where this deployment stops no tasks. */
  taskStopper?: TaskStopper;
  marks: Marks;
  metrics: Metrics;
}

export interface WatcherPorts {
  events: RecordReader;
  accessLog: AccessLog;
  sessionWatch: SessionWatch;
  marks: Marks;
  metrics: Metrics;
  clock: Clock;
  random: Random;
  log: Log;
  deployment: Deployment;
  guarded: Guarded;
}

/** Whether the deployment may look there. */
export function inTerritory(deployment: Deployment, place: Place, clusterArn: string): boolean {
  return (
    deployment.territory.places.some(
      (p) => p.account === place.account && p.region === place.region,
    ) && deployment.clusters.includes(clusterArn)
  );
}
