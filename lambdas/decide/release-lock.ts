import { releaseLockSchema } from "../../api/decision-schemas.ts";
import type { Caller } from "../../core/caller.ts";
import { SallyportError } from "../../core/errors.ts";
import { type Event, nextEvent } from "../../core/event.ts";
import { mayLock, notALocker, releaseLock as release } from "../../core/locking.ts";
import { covers, type Lock, type Locks, locksOf, standing } from "../../core/locks.ts";
import { mayAudit } from "../../core/may-read.ts";
import { type Activated, CONF } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { lockViews } from "../lock-view.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { recentLockEvents } from "./locking.ts";

/**
 * Unlocks, by two different persons: the first asks for it (202), the second does it (200). Neither is the one who
 * is locked, nor locked otherwise; whoever asked first counts only while they still could. Repeating a call
 * changes nothing and answers the same.
 */
export async function releaseLock(call: Call, ports: DecidePorts): Promise<Answer> {
  const { comment } = parseBody(releaseLockSchema, call.body);
  const id = call.parameters["id"] ?? "";
  return await commit(ports, call.deadline, async () => {
    const [configuration, locks] = await loadSetAndLocks(ports.events);
    const caller = await identify(configuration, call.principal, ports);
    const at = Math.max(ports.clock.now(), locks.tail.at);
    const lock = standing(locks.locks, at).find((one) => one.id === id);
    if (!mayLock(ports.policy, configuration, caller)) {
      throw maySee(ports, configuration, caller, lock) ? notALocker() : noSuchLock();
    }
    checkProse({ comment });
    if (lock === undefined) {
      const done = await releasedBy(ports, locks, id, caller);
      if (done === undefined) throw noSuchLock();
      const [view] = lockViews(ports, configuration, locks, [done.lock], at, done.texts);
      return { events: [], result: { status: 200, body: view } };
    }
    const next = release(ports.policy, configuration, locks, lock, caller, comment, at);
    if (next.kind === "repeated") {
      const [view] = lockViews(ports, configuration, locks, [lock], at);
      return { events: [], result: { status: 202, body: view } };
    }
    const by = circumstancesOf(call, ports, configuration, caller, at);
    const event = nextEvent(locks.tail, next.body, by);
    const after = locksOf(event, configuration.fences);
    const shown = after.locks.find((one) => one.id === id) ?? lock;
    const [view] = lockViews(ports, configuration, after, [shown], at, locks.texts);
    return {
      events: [event],
      fences: [{ chain: CONF, seq: configuration.seq }],
      result: { status: next.body.kind === "lock.released" ? 200 : 202, body: view },
    };
  });
}

/** To whoever may not see a lock it is as absent as one that never was. */
function maySee(
  ports: DecidePorts,
  configuration: Activated,
  caller: Caller,
  lock: Lock | undefined,
): boolean {
  if (lock === undefined) return false;
  return (
    covers(lock.subject, { people: [caller] }) || mayAudit(ports.policy, configuration, caller)
  );
}

function noSuchLock(): SallyportError {
  return new SallyportError("lock_not_found", "no such lock stands", {
    hint: "`sallyport locks` lists those that do; one that has expired needs no unlocking",
  });
}

/** The lock that this person has released a moment ago, for a call that is repeated. */
async function releasedBy(
  ports: DecidePorts,
  locks: Locks,
  id: string,
  caller: Caller,
): Promise<{ lock: Lock; texts: Locks["texts"] } | undefined> {
  const events = await recentLockEvents(ports, locks);
  const mine = (event: Event): boolean =>
    event.kind === "lock.released" && event.data.id === id && event.data.person === caller.id;
  if (!events.some(mine)) return undefined;
  for (const event of events) {
    if (event.kind !== "lock.release_asked" || event.data.id !== id) continue;
    const lock = event.data.locks.find((one) => one.id === id);
    const text = event.values[`lock.${id}`];
    if (lock !== undefined) return { lock, texts: text === undefined ? {} : { [id]: text } };
  }
  return undefined;
}
