import type { RouteName } from "../api/routes.ts";
import type { Caller } from "../core/caller.ts";
import { digestOf } from "../core/digest.ts";
import type { ErrorCode, SallyportError } from "../core/errors.ts";
import type { CountedCaller } from "../core/kinds/swept.ts";
import type { Principal } from "../core/principal.ts";
import type { Call } from "./call.ts";
import type { CommonPorts } from "./ports.ts";

/** What was refused may be what should not be kept, not even as a hash. */
const unkept: readonly ErrorCode[] = ["secret_in_command", "command_invalid"];

/**
 * For whom a call counts: the person or program, under whatever identity, and where the directory has no one, the
 * user or role itself. Never a session's name: it is chosen by whoever makes the session.
 */
export function countedCaller(
  caller: Pick<Caller, "kind" | "id"> | undefined,
  principal: Pick<Principal, "key">,
): CountedCaller {
  return caller === undefined
    ? { kind: "unknown", id: principal.key }
    : { kind: caller.kind, id: caller.id };
}

/**
 * Counts a refusal, and answers whether it is to be an event of its own: the first of a caller's equal refusals in
 * a minute is. The others are put on record by the sweeper, by their number, and so is each of those that
 * anybody could have made as many of as they please: of callers who are nobody or in no group, and beyond the limits.
 *
 * Throws `limits_unavailable` where it cannot be counted: then nobody may be told of the refusal.
 */
export async function isFirst(
  ports: Pick<CommonPorts, "refusalCounts" | "clock">,
  route: RouteName,
  call: Pick<Call, "principal" | "parameters" | "query" | "bodyHash">,
  caller: Pick<Caller, "kind" | "id" | "groups"> | undefined,
  { code }: Pick<SallyportError, "code">,
): Promise<boolean> {
  const counted = code === "rate_limited" || caller === undefined || caller.groups.length === 0;
  const { parameters, query } = call;
  const body = unkept.includes(code) ? "" : call.bodyHash;
  // Half of what would be needed to tell what it is of: equal calls have to be found, within one minute.
  const equal = counted ? null : digestOf({ parameters, query, body }).slice(0, 16);
  const who = countedCaller(caller, call.principal);
  const times = await ports.refusalCounts.count({ who, route, code, equal }, ports.clock.now());
  return !counted && times === 1;
}
