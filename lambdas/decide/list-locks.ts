import { listLocksQuery } from "../../api/query-schemas.ts";
import { isoTime } from "../../core/clock.ts";
import { agreedTo, lockableOf } from "../../core/locked.ts";
import { mayLock } from "../../core/locking.ts";
import { covers, type Lockable, standing } from "../../core/locks.ts";
import { mayAudit } from "../../core/may-read.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Activated } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseQuery } from "../chain/parse.ts";
import { identify } from "../identify.ts";
import { loadRequest, visible } from "../load-request.ts";
import { lockViews } from "../lock-view.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";

/**
 * The locks that stand: all of them for whoever may lock or audit, else those on the caller and their groups. With
 * `request`, those that stop that request, for whoever may see it; throws `request_not_found` to others.
 */
export async function listLocks(call: Call, ports: DecidePorts): Promise<Answer> {
  const { request } = parseQuery(listLocksQuery, call.query);
  const [configuration, locks] = await loadSetAndLocks(ports.events);
  const caller = await identify(configuration, call.principal, ports);
  const now = ports.clock.now();
  let of: Lockable[] | undefined;
  if (request !== undefined) {
    const loaded = await loadRequest(ports.events, request, configuration);
    const { state } = visible(ports, configuration, caller, loaded);
    of = partsOf(state, configuration);
  } else if (
    !mayLock(ports.policy, configuration, caller) &&
    !mayAudit(ports.policy, configuration, caller)
  ) {
    of = [{ people: [caller] }];
  }
  const shown = standing(locks.locks, now).filter(
    ({ subject }) => of === undefined || of.some((part) => covers(subject, part)),
  );
  return {
    status: 200,
    body: { items: lockViews(ports, configuration, locks, shown, now), asOf: isoTime(now) },
  };
}

/** A request, each task it was opened in, and whoever agreed to it. */
function partsOf(state: RequestState, { directory }: Activated): Lockable[] {
  const tasks = state.attempts.map(({ taskArn }) => taskArn);
  return [
    lockableOf(state, directory),
    ...tasks.map((arn) => lockableOf(state, directory, arn)),
    { people: agreedTo(state, directory) },
  ];
}
