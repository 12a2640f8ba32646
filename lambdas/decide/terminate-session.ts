import { terminateSchema } from "../../api/decision-schemas.ts";
import type { TerminatedView } from "../../api/session-schemas.ts";
import type { Caller } from "../../core/caller.ts";
import { isoTime } from "../../core/clock.ts";
import { ENDED_WITHIN_MS } from "../../core/due.ts";
import { SallyportError } from "../../core/errors.ts";
import { nextEvent } from "../../core/event.ts";
import { foldRequest } from "../../core/fold-request.ts";
import { requireUnlocked } from "../../core/locked.ts";
import { mayRead } from "../../core/may-read.ts";
import type { Configuration } from "../../core/policy-engine.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Fenced } from "../../core/restored.ts";
import { askForEnd } from "../../core/terminate.ts";
import { fencedOn } from "../about-request.ts";
import type { Answer, Call } from "../call.ts";
import { parseBody } from "../chain/parse.ts";
import { checkProse } from "../check-prose.ts";
import { circumstancesOf } from "../circumstances.ts";
import { commit } from "../commit.ts";
import { identify } from "../identify.ts";
import { type Loaded, loadRequest } from "../load-request.ts";
import { loadSetAndLocks } from "../locks.ts";
import type { DecidePorts } from "../ports.ts";
import { isRepeat, repeatable } from "../repeat.ts";
import { SESSION_ID, sessionViews } from "../session-view.ts";

/**
 * Ends a session: puts on record who asked for it, and the sweeper, which the stream wakes, ends it and looks
 * whether it is over. Its owner always may, others by the rule of `terminate`. To stop its whole task takes the
 * rule of `stopTask` for everybody, its owner too, for others are served by that task.
 *
 * Answers 202 with by when it is over; 200 where it is over already. Asked for again, nothing more is recorded.
 * Throws `session_not_found`, `not_permitted`, `locked` or `idempotency_conflict`.
 */
export async function terminateSession(call: Call, ports: DecidePorts): Promise<Answer> {
  const body = parseBody(terminateSchema, call.body);
  checkProse(body);
  const sessionId = call.parameters["sessionId"] ?? "";
  const stopTask = body.stopTask === true;
  const repeat = repeatable(call, `POST /v1/sessions/${sessionId}/terminate`);
  return await commit(ports, call.deadline, async () => {
    const [configuration, locks] = await loadSetAndLocks(ports.events);
    const caller = await identify(configuration, call.principal, ports);
    const { state, stored } = await requestOf(ports, configuration, caller, sessionId);
    const now = ports.clock.now();
    const attempt = state.attempts.find((one) => one.sessionId === sessionId);
    if (attempt === undefined) throw new TypeError("a session that was found has an attempt");
    const decided = isRepeat(state, call, repeat)
      ? undefined
      : askForEnd(
          ports.policy,
          configuration,
          state,
          caller,
          { attempt, sessionId, stopTask, comment: body.comment, bodyHash: call.bodyHash, repeat },
          ports.deployment.mayStopTasks === true,
          now,
        );
    const isOver = attempt.state !== "opened";
    const isAsked = attempt.endAskedBy !== undefined && (!stopTask || attempt.stopTask === true);
    if (decided === undefined || isOver || isAsked) {
      return { events: [], result: answer(state, sessionId, now) };
    }
    // One's own session may always be ended; whoever is locked orders nothing else.
    if (stopTask || caller.id !== state.requester.person) {
      requireUnlocked(ports.policy, configuration, locks, { people: [caller] }, now);
    }
    const event = nextEvent(
      state.tail,
      decided,
      circumstancesOf(call, ports, configuration, caller, now),
    );
    return {
      events: [event],
      fences: fencedOn(configuration, locks),
      result: answer(
        foldRequest(state.id, [...stored, event], configuration.fences),
        sessionId,
        now,
      ),
    };
  });
}

/** The request that a session is of. To whoever may not see it, it is as absent as one that never was. */
async function requestOf(
  ports: DecidePorts,
  configuration: Configuration & Fenced,
  caller: Caller,
  sessionId: string,
): Promise<Loaded> {
  const chains = SESSION_ID.test(sessionId) ? await ports.events.chainsOfSession(sessionId) : [];
  for (const chain of chains) {
    const loaded = await loadRequest(ports.events, chain.slice("REQ#".length), configuration);
    const isIts = loaded.state.attempts.some((one) => one.sessionId === sessionId);
    if (isIts && mayRead(ports.policy, configuration, loaded.state, caller)) return loaded;
  }
  throw new SallyportError("session_not_found", "no such session, or none that you may see", {
    hint: "`sallyport sessions` lists those you may see",
  });
}

function answer(state: RequestState, sessionId: string, now: number): Answer {
  const session = sessionViews(state, now).find((one) => one.sessionId === sessionId);
  if (session === undefined) throw new TypeError("a session that was found has a view");
  const { end } = session;
  if (end !== undefined) {
    const body: TerminatedView = {
      ...session,
      note: `it is over since ${end.at}, known by ${end.strength}`,
    };
    return { status: 200, body };
  }
  const attempt = state.attempts.find((one) => one.sessionId === sessionId);
  const what = attempt?.stopTask === true ? "its task is being stopped" : "it is being ended";
  const endsBy = isoTime(now + ENDED_WITHIN_MS);
  const body: TerminatedView = {
    ...session,
    endsBy,
    note: `${what} by the sweeper, which looks whether it is over; by ${endsBy} the record says that it is, or that this is not known yet`,
  };
  return { status: 202, body };
}
