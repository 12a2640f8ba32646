import { type Caller, judgedBy } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import type { Judging } from "./event-kinds.ts";
import { handedOver, replaceable } from "./replacement.ts";
import type { Attempt, RequestState } from "./request-state.ts";
import { mayOpen } from "./right-to-open.ts";

/**
 * Decides whether the owner of a session may have another in its place: nothing is ended for somebody who may open
 * nothing afterwards. `body` is what goes on record of it, unless it was asked for before. Throws what
 * `replaceable` and `mayOpen` do: nothing is to be appended then.
 */
export function replace(
  state: RequestState,
  caller: Caller,
  sessionId: string,
  now: EpochMillis,
): { lost: Attempt & { sessionId: string }; body: Judging & { kind: "replace.asked" } } {
  const lost = replaceable(state, caller, sessionId);
  const { attempt } = lost;
  const attempts = state.attempts.map((one) =>
    one.attempt === attempt ? { ...one, replaceAskedAt: now } : one,
  );
  const replaces = { attempt, sessionId, strength: "ssm-status", endedAt: null } as const;
  mayOpen(handedOver({ ...state, attempts }, replaces, now), caller, now);
  const judged = judgedBy(caller, now);
  const data = { attempt, sessionId, person: caller.id, judged };
  return { lost, body: { kind: "replace.asked", data, values: {} } };
}
