import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import { noRuleLets } from "./no-right.ts";
import type { Action, Configuration, PolicyEngine } from "./policy-engine.ts";
import type { Attempt, RequestState } from "./request-state.ts";

export interface EndInput {
  attempt: Pick<Attempt, "attempt">;
  sessionId: string;
  /** Its whole task is to be stopped. */
  stopTask: boolean;
  comment: string | undefined;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/**
 * Decides whether somebody may have a session ended: its owner always, others by the rule of `terminate`. To stop
 * its whole task takes the rule of `stopTask` for everybody, and a deployment that stops tasks. Whether it still
 * goes on is not looked at. Throws `not_permitted`: nothing is to be appended then.
 */
export function askForEnd(
  policy: PolicyEngine,
  configuration: Configuration,
  { requester, resource }: Pick<RequestState, "requester" | "resource">,
  caller: Caller,
  { attempt, sessionId, stopTask, comment, bodyHash, repeat }: EndInput,
  mayStopTasks: boolean,
  now: EpochMillis,
): Judging & { kind: "end.asked" } {
  const may = (action: Action): boolean =>
    policy.judge(configuration, { principal: principalOfCaller(caller), action, resource }).kind ===
    "permit";
  if (caller.id !== requester.person && !may("terminate")) {
    throw noRuleLets("end sessions of others there", "terminate");
  }
  const hint = "leave --stop-task out: the session alone is ended";
  if (stopTask && !may("stopTask")) {
    throw new SallyportError("not_permitted", "no rule lets you stop tasks there", { hint });
  }
  if (stopTask && !mayStopTasks) {
    throw new SallyportError("not_permitted", "this gateway is not configured to stop tasks", {
      hint,
    });
  }
  return {
    kind: "end.asked",
    data: {
      attempt: attempt.attempt,
      sessionId,
      person: caller.id,
      ...(stopTask ? { stopTask } : {}),
      judged: judgedBy(caller, now),
      ...(repeat === undefined ? {} : { repeat }),
    },
    values: { body: bodyHash, ...(comment === undefined ? {} : { comment }) },
  };
}
