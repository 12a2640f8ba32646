import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { closed, whatBecame } from "./decided-elsewhere.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import { noRuleLets } from "./no-right.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { type RequestState, statusAt } from "./request-state.ts";

export interface StopInput {
  kind: "request.cancelled" | "request.revoked";
  comment: string | undefined;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/**
 * Decides whether a request that is pending or approved may be ended: withdrawn by its requester, or revoked by
 * somebody whom the rules allow. Throws `not_permitted` or `request_closed`: nothing is to be appended then.
 */
export function stop(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  input: StopInput,
  now: EpochMillis,
): Judging {
  if (input.kind === "request.cancelled") {
    if (caller.id !== state.requester.person) {
      throw new SallyportError("not_permitted", "only the requester cancels", {
        hint: "whoever the rules allow can revoke: `sallyport revoke ID`",
      });
    }
  } else if (
    policy.judge(configuration, {
      principal: principalOfCaller(caller),
      action: "revoke",
      resource: state.resource,
    }).kind === "deny"
  ) {
    throw noRuleLets("revoke this", "revoke");
  }
  const status = statusAt(state, now);
  if (status !== "pending" && status !== "approved") {
    throw closed(whatBecame(state, status), state.decisions, status);
  }
  const { kind, comment, bodyHash, repeat } = input;
  return {
    kind,
    data: {
      person: caller.id,
      judged: judgedBy(caller, now),
      ...(repeat === undefined ? {} : { repeat }),
    },
    values: { body: bodyHash, ...(comment === undefined ? {} : { comment }) },
  };
}
