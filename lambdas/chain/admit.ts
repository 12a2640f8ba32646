import { routeLimits } from "../../api/route-limits.ts";
import type { Route } from "../../api/routes.ts";
import type { Person, Program } from "../../core/directory.ts";
import type { EventStore, RecordReader } from "../../core/event-store.ts";
import { rateLimited } from "../../core/rate-limits.ts";
import { callerKey } from "../../core/refusal-counts.ts";
import { activatedSet, lastActivated, standsBefore } from "../activated.ts";
import type { Answer, Call, Handle } from "../call.ts";
import { countedCaller } from "../count-refusal.ts";
import { knownAs } from "../identify.ts";
import type { CommonPorts } from "../ports.ts";

/**
 * Counts a call for whoever makes it, and lets its handler do it. Throws `rate_limited` when it is one too many in this
 * minute, `limits_unavailable` when it cannot be counted, and what the handler throws.
 */
export async function admittedTo<Ports extends CommonPorts>(
  handle: Handle<Ports>,
  call: Call,
  ports: Ports,
  route: Route,
): Promise<Answer> {
  const per = routeLimits[route.name];
  if (per === "none") return await handle(call, ports);
  const who = callerKey(countedCaller(await likelyCaller(ports, call), call.principal));
  const now = ports.clock.now();
  const admitted = ports.limits.take(per, who, now).then((taken) => {
    if (taken.kind === "exceeded") throw rateLimited(per, taken.limit, now);
  });
  // What is known to be too much costs no read.
  if (ports.limits.usedUp(per, who, now)) await admitted;
  const handled = handle(call, { ...ports, events: onceAdmitted(ports.events, admitted) });
  // A call that is not admitted is told so, whatever else may be wrong with it.
  handled.catch(() => {});
  await admitted;
  return await handled;
}

/**
 * Who calls, by the set that this process read last, so that counting waits for no other read. Right until the
 * directory changes, and for one call after: good for counting, and for nothing that is decided.
 */
export async function likelyCaller(
  ports: Pick<CommonPorts, "events" | "deployment">,
  call: Pick<Call, "principal">,
): Promise<Person | Program | undefined> {
  const set = lastActivated(ports.events) ?? (await activatedSet(ports.events));
  return set === undefined ? undefined : knownAs(set, call.principal, ports.deployment);
}

/**
 * The record as a call may use it that is still being counted: its reads go out at once, so that counting adds no
 * step, and are answered only once the call is admitted; nothing is written before. Every handler begins with the
 * record, so nothing of a call that is not admitted reaches anything else.
 */
function onceAdmitted(reader: RecordReader, admitted: Promise<void>): RecordReader {
  // It stands before the composition's own record, append and all, as `commit` finds it there.
  const events = reader as EventStore;
  const reading = async <T>(read: Promise<T>): Promise<T> =>
    (await Promise.all([read, admitted]))[0];
  const record: EventStore = {
    tableArn: events.tableArn,
    load: (chain, after) => reading(events.load(chain, after)),
    loadReadable: (chain) => reading(events.loadReadable(chain)),
    tip: (chain) => reading(events.tip(chain)),
    getText: (hash) => reading(events.getText(hash)),
    day: (day, cursor) => reading(events.day(day, cursor)),
    chainsOfSession: (sessionId) => reading(events.chainsOfSession(sessionId)),
    watched: (key) => reading(events.watched(key)),
    event: (place) => reading(events.event(place)),
    lastResortCalls: (cursor) => reading(events.lastResortCalls(cursor)),
    callsOfUse: (use) => reading(events.callsOfUse(use)),
    due: (at) => reading(events.due(at)),
    async append(entries, fences) {
      await admitted;
      return await events.append(entries, fences);
    },
    async putText(hash, text) {
      await admitted;
      await events.putText(hash, text);
    },
  };
  return standsBefore(record, reader);
}
