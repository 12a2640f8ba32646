import type { JsonObject } from "../json.ts";
import type { Principal } from "../principal.ts";
import type { World } from "../world.ts";

/** GetCallerIdentity: who signed. No permission is needed, and none can deny it. */
export function getCallerIdentity(_world: World, caller: Principal): JsonObject {
  return { Arn: caller.arn, UserId: caller.userId, Account: caller.account };
}
