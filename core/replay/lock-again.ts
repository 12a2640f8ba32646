import { SallyportError } from "../errors.ts";
import type { Event } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import { releaseLock, setLock } from "../locking.ts";
import { LOCK, type Locks, locksOf, standing, textField } from "../locks.ts";
import { judgedOf } from "./caller.ts";
import type { Again } from "./making.ts";
import { corrupt, type TakenRecord } from "./record.ts";

/** Of what is in AWS, whether it is of the deployment is not on record. */
export function lockAgain({ policy, record, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "lock.set") throw new TypeError();
  const { id, locks, repeat } = event.data;
  const { at } = judgedOf(event);
  const lock = locks.find((one) => one.id === id);
  const text = event.values[textField(id)];
  if (lock === undefined || text === undefined) throw corrupt("it does not say what was locked");
  const { subject, expiresAt } = lock;
  const input = {
    id,
    subject,
    reason: text.reason,
    durationMinutes: expiresAt === null ? undefined : (expiresAt - at) / 60_000,
    bodyHash: text.body,
    repeat,
  };
  return setLock(policy, configuration, locksBefore(record, event), caller, input, at);
}

export function releaseAgain({ policy, record, configuration, caller, event }: Again): EventBody {
  if (event.kind !== "lock.release_asked" && event.kind !== "lock.released") throw new TypeError();
  const { at } = judgedOf(event);
  const locks = locksBefore(record, event);
  const lock = standing(locks.locks, at).find(({ id }) => id === event.data.id);
  if (lock === undefined) throw new SallyportError("lock_not_found", "no such lock stands");
  const { comment } = event.values;
  const released = releaseLock(policy, configuration, locks, lock, caller, comment, at);
  if (released.kind === "repeated") {
    throw new SallyportError("not_permitted", "the same person had asked for it already");
  }
  return released.body;
}

/** What stood before an event: the one right before it says all of it. */
function locksBefore(record: TakenRecord, event: Event): Locks {
  const before = record.before(LOCK, event.seq).at(-1);
  const locks = locksOf(
    before,
    record.fences.filter(({ seq }) => seq <= event.configuration.seq),
  );
  if (locks.tail.seq !== event.seq - 1)
    throw corrupt(`event ${LOCK} #${event.seq - 1} is not there`);
  if (locks.tail.hash !== event.prev)
    throw corrupt(`it does not follow event ${LOCK} #${event.seq - 1}`);
  return locks;
}
