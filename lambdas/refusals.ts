import type { FunctionName, Route } from "../api/routes.ts";
import { actorOf } from "../core/caller.ts";
import type { Json, JsonObject } from "../core/canonical-json.ts";
import { type ErrorCode, SallyportError } from "../core/errors.ts";
import { emptyTail, nextEvent } from "../core/event.ts";
import type { EventBody } from "../core/event-kinds.ts";
import { principalText } from "../core/principal.ts";
import { activatedSet } from "./activated.ts";
import type { Call } from "./call.ts";
import { likelyCaller } from "./chain/admit.ts";
import { commit } from "./commit.ts";
import { isFirst } from "./count-refusal.ts";
import { callerOf } from "./identify.ts";
import type { CommonPorts } from "./ports.ts";

/**
 * Answers that refuse a call which was read: each is in one event, its own or a counted one. What could not be read
 * (`body_invalid`, …), what failed (AWS, the record, the gateway) and what is not there (a route) is none.
 */
export const refusals: { [code in ErrorCode]?: true } = {
  idempotency_conflict: true,
  identity_unmapped: true,
  groups_unknown: true,
  sign_in_again: true,
  not_permitted: true,
  self_approval: true,
  rate_limited: true,
  out_of_turn: true,
  request_not_found: true,
  session_not_found: true,
  cluster_not_found: true,
  service_not_found: true,
  task_not_found: true,
  task_not_running: true,
  container_required: true,
  container_unknown: true,
  secret_in_command: true,
  activation_invalid: true,
  refused_by_rule: true,
  preflight_failed: true,
  not_approved: true,
  not_started: true,
  request_closed: true,
  digest_stale: true,
  session_already_opened: true,
  not_replaceable: true,
  end_unverified: true,
  target_changed: true,
  container_in_use: true,
  too_many_sessions: true,
  locked: true,
  lock_not_found: true,
  too_many_locks: true,
  chain_full: true,
  break_glass_limit: true,
  review_not_owed: true,
  exec_not_enabled: true,
  agent_not_running: true,
  outcome_unknown: true,
};

/** IAM pins a family to a function, so each function has its own kind. */
const kinds = {
  requests: "call.refused",
  decide: "decision.refused",
  exec: "open.refused",
} as const satisfies { [name in FunctionName]: EventBody["kind"] };

const recorded = new WeakSet<Error>();
const refused = new WeakSet<Error>();

/** Marks an error of a call that could be read, where the same code also says that one could not. */
export function asRefusal<E extends Error>(error: E): E {
  refused.add(error);
  return error;
}

/** Marks an error that is counted or whose event is on record, such as a request's own `request.refused`. */
export function onRecord<E extends Error>(error: E): E {
  recorded.add(error);
  return error;
}

/**
 * Puts a refusal on record, on a chain named by the call itself, before anybody is told of it, or counts it where
 * the caller has been refused equally in this minute. The event says who,
 * which route, what the path named and, of an ask, the place: never the command, for what was refused
 * may be what should not be stored. Throws where it cannot be recorded: then nobody learns more than that.
 */
export async function recordRefusal(
  ports: Pick<
    CommonPorts,
    "events" | "refusalCounts" | "clock" | "random" | "deployment" | "memberships"
  >,
  self: FunctionName,
  route: Route,
  call: Call,
  error: unknown,
): Promise<void> {
  if (!(error instanceof SallyportError) || recorded.has(error)) return;
  if (refusals[error.code] !== true && !refused.has(error)) return;
  if (error.code === "rate_limited") {
    // Whoever sends as much as they can costs one write each, and no read.
    await isFirst(ports, route.name, call, await likelyCaller(ports, call), error);
    return;
  }
  const configuration = await activatedSet(ports.events);
  const caller =
    configuration === undefined
      ? undefined
      : (await callerOf(configuration, call.principal, ports))?.caller;
  if (!(await isFirst(ports, route.name, call, caller, error))) return;
  const event = nextEvent(
    emptyTail(`REFUSED#${call.call}`),
    {
      kind: kinds[self],
      data: {
        route: route.name,
        about: Object.values(call.parameters)[0]?.slice(0, 200) ?? null,
        code: error.code,
      },
      values: { detail: error.message, ...targetOf(call) },
    },
    {
      actor:
        caller === undefined
          ? { kind: "unknown", principal: principalText(call.principal) }
          : actorOf(caller),
      configuration: { seq: configuration?.seq ?? 0, hash: configuration?.hash ?? "" },
      call: call.call,
      now: ports.clock.now(),
      random: ports.random,
    },
  );
  let isTried = false;
  await commit(ports, call.deadline, async () => {
    // A number that is taken is this call's own event: API Gateway gives an id once.
    if (isTried) return { events: [], result: undefined };
    isTried = true;
    return { events: [event], fences: [], result: undefined };
  });
}

/** The place as it was asked for, in our shape or in AWS's, where it stands beside the command. */
function targetOf({ body }: Call): { target?: JsonObject } {
  if (!isObject(body)) return {};
  const { target, cluster, task, container } = body;
  if (isObject(target)) return { target };
  const named = Object.entries({ cluster, task, container }).filter(
    ([, name]) => name !== undefined,
  );
  return named.length === 0 ? {} : { target: Object.fromEntries(named) as JsonObject };
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
