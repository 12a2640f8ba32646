import type { RouteName } from "../api/routes.ts";
import { ask } from "../core/ask.ts";
import type { Caller } from "../core/caller.ts";
import type { EpochMillis } from "../core/clock.ts";
import type { Site, Wish } from "../core/consider.ts";
import type { Containers } from "../core/containers.ts";
import { SallyportError } from "../core/errors.ts";
import { type ChainTail, nextEvent, type StoredEvent } from "../core/event.ts";
import type { Fence } from "../core/event-store.ts";
import { checkCommand } from "../core/facts.ts";
import type { Repeatable } from "../core/kinds/asked.ts";
import { requireUnlocked, siteLockable } from "../core/locked.ts";
import { type Locks } from "../core/locks.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { rateLimited } from "../core/rate-limits.ts";
import { requireWithinReach } from "../core/start-at.ts";
import type { TargetName } from "../core/target.ts";
import { fencedOn } from "./about-request.ts";
import { type Activated } from "./activated.ts";
import type { Call } from "./call.ts";
import { circumstancesOf } from "./circumstances.ts";
import { isFirst } from "./count-refusal.ts";
import { lookAround, type Surroundings } from "./look-around.ts";
import type { CommonPorts } from "./ports.ts";
import { asRefusal, onRecord } from "./refusals.ts";
import { refuseSecret } from "./refuse-secret.ts";
import { isWindows, loadSite } from "./site.ts";

/** What somebody wants, as it was read and before anything is known of it. */
export interface Wanted {
  target: TargetName;
  command: string;
  reason: string;
  ticket: string | undefined;
  durationMinutes: number | undefined;
  startAt?: EpochMillis | undefined;
  repeat: Repeatable | undefined;
}

/** What an ask is judged by: all of it read in the attempt that is to be committed. */
interface Basis {
  /** As what it is counted. */
  route: RouteName;
  configuration: Activated;
  locks: Locks;
  caller: Caller;
  tail: ChainTail;
  requestId: string;
}

export interface AskedFor {
  /** The request with its card, or its refusal: to be put on record either way. */
  event: StoredEvent;
  fences: Fence[];
  now: number;
  /** What the caller is told once a refusal is on record. */
  refusal: SallyportError | undefined;
}

/**
 * Looks at the target, judges, and makes the event of a new request or of its refusal. Fenced on the
 * activated set, so that what is asked was judged by the rules in force. Throws what keeps a wish from
 * being judged at all: `locked`, `secret_in_command`, `command_invalid` and what `loadSite` throws;
 * `rate_limited` where too many ask for one target; and a refusal that has been on record in this minute, once counted.
 */
export async function askFor(
  call: Call,
  ports: CommonPorts & { containers: Containers; surroundings?: Surroundings },
  basis: Basis,
  wanted: Wanted,
): Promise<AskedFor> {
  const { configuration, locks, caller, requestId } = basis;
  const { site, wish } = await lookAt(ports, configuration, caller, wanted);
  const now = ports.clock.now();
  // Only now is it known that the caller may see what is locked.
  requireUnlocked(ports.policy, configuration, locks, siteLockable(site, caller), now);
  const asked = ask(
    ports.policy,
    configuration,
    caller,
    site,
    { ...wish, bodyHash: call.bodyHash, repeat: wanted.repeat },
    now,
  );
  if (asked.kind === "refused") {
    if (!(await isFirst(ports, basis.route, call, caller, asked.error)))
      throw onRecord(asked.error);
  } else {
    await takeTarget(ports, site.resource.id, now);
  }
  return {
    event: nextEvent(
      basis.tail,
      asked.body,
      circumstancesOf(call, ports, configuration, caller, now),
    ),
    fences: fencedOn(configuration, locks),
    now,
    refusal: asked.kind === "refused" ? withRequestId(asked.error, requestId) : undefined,
  };
}

/**
 * Counts a request for its service or family, once the rules have admitted it: nobody else uses up a target. Each
 * session that opens was asked for, so that opening it is counted for its person alone.
 */
async function takeTarget(
  ports: Pick<CommonPorts, "limits">,
  of: string,
  now: number,
): Promise<void> {
  const taken = await ports.limits.take("target", of, now);
  if (taken.kind === "exceeded") throw rateLimited("target", taken.limit, now);
}

/**
 * What ECS says of the target, and the command as the container's agent will split it. To a caller who may
 * not ask there, nothing is there. Throws `body_invalid`, `secret_in_command`, `command_invalid` and what
 * `loadSite` throws.
 */
export async function lookAt(
  ports: CommonPorts & { containers: Containers; surroundings?: Surroundings },
  configuration: Configuration,
  caller: Caller,
  wanted: Omit<Wanted, "repeat">,
): Promise<{ site: Site; wish: Omit<Wish, "bodyHash" | "repeat"> }> {
  const { target, command, reason, ticket, durationMinutes, startAt } = wanted;
  requireWithinReach(startAt, ports.clock.now());
  refuseSecret(command);
  const site = await loadSite(ports, configuration, caller, target);
  const checked = checkCommand(command, {
    ticket: ticket !== undefined,
    windows: isWindows(site),
  });
  if (checked.kind !== "ok") {
    const { issue } = checked;
    const error = new SallyportError("command_invalid", issue.detail, { issues: [issue] });
    throw checked.kind === "replaced" ? asRefusal(error) : error;
  }
  const { words: argv, facts } = checked;
  const { surroundings, deployment } = ports;
  if (surroundings !== undefined) {
    site.around = await lookAround(surroundings, deployment.territory.partition, site);
  }
  return { site, wish: { command, argv, facts, reason, ticket, durationMinutes, startAt } };
}

function withRequestId({ code, message, details }: SallyportError, id: string): SallyportError {
  return new SallyportError(code, message, {
    ...details,
    members: { ...details.members, requestId: id },
  });
}
