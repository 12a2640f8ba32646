import { createLockSchema } from "../../api/decision-schemas.ts";
import type { LockView } from "../../api/response-schemas.ts";
import { bytesToHex } from "../../core/digest.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import { requestId } from "../../core/ids.ts";
import { parseSubject } from "../../core/lock-subject.ts";
import { nothingToLock, requireNotLocked, setLock } from "../../core/locking.ts";
import { type Lock, type LockSubject, type Locks, locksOf } from "../../core/locks.ts";
import { principalText } from "../../core/principal.ts";
import { type Activated, CONF } from "../activated.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { lockViews } from "../lock-view.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { repeatable } from "../repeat.ts";
import { warningOfNothing } from "./lock-of-nothing.ts";
import { recentLockEvents, requireLocker } from "./locking.ts";

const ROUTE = "POST /v1/locks";

/**
 * Locks somebody or something, at once and by one person. From its event on no intent is put on record that it
 * covers, for each is fenced on this chain; sessions that go on are ended by the sweeper, which the stream wakes.
 * The answer warns where ECS has nothing of that name.
 */
export async function createLock(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(createLockSchema, call.body);
  const repeat = repeatable(call, ROUTE);
  const id = requestId(
    principalText(call.principal),
    ROUTE,
    call.idempotencyKey ?? bytesToHex(ports.random(16)),
  );
  const set = await commit<Answer & { body: LockView }>(ports, call.deadline, async () => {
    const [configuration, locks] = await loadSetAndLocks(ports.events);
    const caller = await requireLocker(call, ports, configuration);
    checkProse(body);
    const at = Math.max(ports.clock.now(), locks.tail.at);
    const answer = (lock: Lock, now: Locks, texts = now.texts) => {
      const [body] = lockViews(ports, configuration, now, [lock], at, texts);
      if (body === undefined) throw new TypeError("a lock has a view");
      return { status: 201, body };
    };
    if (repeat !== undefined) {
      const before = await setBefore(ports, call, locks, id);
      if (before !== undefined) {
        return { events: [], result: answer(before.lock, locks, before.texts) };
      }
    }
    requireNotLocked(ports.policy, configuration, locks, caller, at);
    const subject = subjectOf(body.subject, ports, configuration);
    const event = nextEvent(
      locks.tail,
      setLock(
        ports.policy,
        configuration,
        locks,
        caller,
        {
          id,
          subject,
          reason: body.reason,
          durationMinutes: body.durationMinutes,
          bodyHash: call.bodyHash,
          repeat,
        },
        at,
      ),
      circumstancesOf(call, ports, configuration, caller, at),
    );
    const after = locksOf(event, configuration.fences);
    const lock = after.locks.find((one) => one.id === id);
    if (lock === undefined) throw new TypeError("a lock that was set does not stand");
    return {
      events: [event],
      fences: [{ chain: CONF, seq: configuration.seq }],
      result: answer(lock, after),
    };
  });
  const warning = await warningOfNothing(ports, set.body.subject);
  return warning === undefined ? set : { ...set, body: { ...set.body, warning } };
}

/** The lock that this very call has set before. Throws `idempotency_conflict` where its body was another. */
async function setBefore(
  ports: DecidePorts,
  call: Call,
  locks: Locks,
  id: string,
): Promise<{ lock: Lock; texts: Locks["texts"] } | undefined> {
  const found = locks.locks.find((one) => one.id === id);
  const before =
    found === undefined
      ? await releasedSince(ports, locks, id)
      : { lock: found, texts: locks.texts };
  if (before !== undefined && before.texts[id]?.body !== call.bodyHash) {
    throw new SallyportError(
      "idempotency_conflict",
      "this Idempotency-Key came with another body before",
      { hint: "use a new key for a new wish" },
    );
  }
  return before;
}

async function releasedSince(ports: DecidePorts, locks: Locks, id: string) {
  for (const event of await recentLockEvents(ports, locks)) {
    if (event.kind !== "lock.set" || event.data.id !== id) continue;
    const lock = event.data.locks.find((one) => one.id === id);
    const text = event.values[`lock.${id}`];
    if (lock !== undefined && text !== undefined) return { lock, texts: { [id]: text } };
  }
  return undefined;
}

function subjectOf(
  wanted: LockSubject,
  { deployment }: DecidePorts,
  { directory }: Activated,
): LockSubject {
  const parsed = parseSubject(wanted, directory, deployment.territory);
  const detail =
    parsed.kind === "invalid"
      ? parsed.detail
      : parsed.clusterArn !== undefined && !deployment.clusters.includes(parsed.clusterArn)
        ? "that cluster is none of this gateway's"
        : undefined;
  if (parsed.kind === "subject" && detail === undefined) return parsed.subject;
  throw nothingToLock(detail ?? "");
}
