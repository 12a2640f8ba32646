import type { Credentials } from "./credentials.ts";
import type { Fleet } from "./fleet.ts";
import type { Json, JsonObject } from "./json.ts";
import type { LogGroups } from "./logs/log-group.ts";
import type { Principal } from "./principal.ts";
import type { SessionTable } from "./sessions.ts";
import type { Roles } from "./sts/roles.ts";

/** What the operations of all services share: one emulated account in one region. */
export interface World {
  account: string;
  region: string;
  now: () => number;
  random: (n: number) => Uint8Array;
  fleet: Fleet;
  credentials: Credentials;
  roles: Roles;
  sessions: SessionTable;
  logGroups: LogGroups;
}

/**
 * One operation of a service: reads its input, asks IAM, acts, answers. Throws AwsError for the errors
 * the service models. `input` is what was sent, unchecked.
 */
export type Operation = (world: World, principal: Principal, input: JsonObject) => JsonObject;

/** Leaves out what is undefined: on the wire a member is there or it is not. */
export function present(members: { [member: string]: Json | undefined }): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
