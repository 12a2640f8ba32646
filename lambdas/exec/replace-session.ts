import { SallyportError } from "../../core/errors.ts";
import { type Circumstances, nextEvent, type StoredEvent } from "../../core/event.ts";
import { type Holding, leaving } from "../../core/holds.ts";
import { lockableOf, requireUnlocked } from "../../core/locked.ts";
import { type Opening } from "../../core/open.ts";
import { replace } from "../../core/replace.ts";
import { overAlready, type Replaced } from "../../core/replacement.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Fenced } from "../../core/restored.ts";
import { aboutRequest, fencedOn } from "../about-request.ts";
import type { Call } from "../call.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { loadHolding } from "../holds.ts";
import type { ExecPorts } from "../ports.ts";
import { waitUntilOver } from "../wait-until-over.ts";

/**
 * Ends the session that its owner has lost, and sees that it is over, so that another may be opened under the
 * same use. That it is wanted goes on record first; if we stop after that, the sweeper ends it all the same.
 *
 * Throws what `replaceable` and `mayOpen` do; `not_replaceable` where the session had ended before it was to be
 * replaced; `end_unverified` where it cannot be seen to be over: then its use stays held, and asking again goes on.
 */
export async function replaceSession(
  call: Call,
  ports: ExecPorts,
  id: string,
  sessionId: string,
): Promise<Replaced> {
  const { place, attempt, end } = await askForIt(call, ports, id, sessionId);
  // The sweeper may have ended it since somebody last asked.
  if (end !== undefined) {
    return { attempt, sessionId, strength: end.strength, endedAt: end.at };
  }
  await ports.sessionEnder.terminate(place, sessionId);
  const seen = await waitUntilOver(ports, place, sessionId, call.deadline);
  if (seen === undefined) {
    throw new SallyportError("end_unverified", "the session is not known to be over yet", {
      hint: "nothing new was opened; its end is tried again: repeat this in a while",
      retryAfterSeconds: 10,
      members: { sessionId },
    });
  }
  return { attempt, sessionId, strength: "ssm-status", endedAt: seen.endedAt };
}

/** The intent that says which session it follows. */
export function following(intent: Opening["intent"], replaces: Replaced): Opening["intent"] {
  return { ...intent, data: { ...intent.data, replaces } };
}

/** Gives the replaced session's container back, where the new one is in another: in the intent's transaction. */
export async function vacating(
  ports: Pick<ExecPorts, "events">,
  under: Fenced,
  state: RequestState,
  replaced: Replaced | undefined,
  taken: Holding,
  by: Circumstances,
): Promise<StoredEvent[]> {
  const old = state.attempts.find((one) => one.attempt === replaced?.attempt);
  if (old === undefined || old.slot === taken.tail.chain) return [];
  const holding = await loadHolding(ports.events, old.slot, under);
  const data = leaving(holding, { requestId: state.id, attempt: old.attempt });
  if (data === undefined) return [];
  return [nextEvent(holding.tail, { kind: "hold.returned", data, values: {} }, by)];
}

async function askForIt(call: Call, ports: ExecPorts, id: string, sessionId: string) {
  return await commit(ports, call.deadline, async () => {
    const { configuration, locks, caller, state } = await aboutRequest(call, ports, id);
    const now = ports.clock.now();
    const { lost, body } = replace(state, caller, sessionId, now);
    const { attempt, end } = lost;
    const lockable = lockableOf(state, configuration.directory);
    requireUnlocked(ports.policy, configuration, locks, lockable, now);
    const place = state.exec?.place;
    if (place === undefined) throw new TypeError("a request with a session has a place");
    const result = { place, attempt, end };
    if (lost.replaceAskedAt !== undefined) return { events: [], result };
    if ((await ports.sessionWatch.seen(place, sessionId))?.over === true) throw overAlready();
    const by = circumstancesOf(call, ports, configuration, caller, ports.clock.now());
    return {
      events: [nextEvent(state.tail, body, by)],
      fences: fencedOn(configuration, locks),
      result,
    };
  });
}
