import { barredFrom } from "./alternatives.ts";
import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import { type EpochMillis, isoTime } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { Repeatable } from "./kinds/asked.ts";
import type { ReviewVerdict } from "./kinds/broke.ts";
import { onlyPersons } from "./no-right.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { goesOn, type RequestState, statusAt } from "./request-state.ts";

/** How it stands with a review; undefined where none was ever owed. Nothing that happens later cancels one. */
export function reviewStanding(
  { breakGlass }: { breakGlass: RequestState["breakGlass"] | undefined },
  now: EpochMillis,
): "owed" | "overdue" | "done" | undefined {
  if (breakGlass === undefined) return undefined;
  if (breakGlass.review !== undefined) return "done";
  return now < breakGlass.reviewDueAt ? "owed" : "overdue";
}

export interface ReviewInput {
  verdict: ReviewVerdict;
  comment: string;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

/**
 * Decides on a review: by a person who may approve there, and never by whoever broke the glass; of what is over
 * alone, for whatever came after a review nobody would owe a look at. A late one is taken too. Throws
 * `self_approval`, `not_permitted` or `review_not_owed`: nothing is to be appended then.
 */
export function review(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  input: ReviewInput,
  now: EpochMillis,
): Judging & { kind: "glass.reviewed" } {
  if (caller.kind !== "person") throw onlyPersons("review");
  if (barredFrom(state, configuration.directory).has(caller.id)) {
    throw new SallyportError("self_approval", "nobody reviews what they did themselves", {
      hint: "the review is somebody else's to give; add what they should know to the ticket",
    });
  }
  const permitted = policy.judge(configuration, {
    principal: principalOfCaller(caller),
    action: "approve",
    resource: state.resource,
  });
  if (permitted.kind === "deny") {
    throw new SallyportError("not_permitted", "no rule lets you review this", {
      hint: "whoever may approve there may review",
    });
  }
  const { breakGlass } = state;
  if (breakGlass === undefined) {
    throw new SallyportError("review_not_owed", "the glass was not broken for this request", {
      hint: "`sallyport reviews` lists those that a review is owed of",
    });
  }
  if (breakGlass.review !== undefined) {
    const { person, at } = breakGlass.review;
    throw new SallyportError("review_not_owed", `${person} has reviewed it at ${isoTime(at)}`, {
      hint: `one review is enough; \`sallyport show ${state.id}\` says what they wrote`,
    });
  }
  if (goesOn(state) || statusAt(state, now) === "approved") {
    throw new SallyportError("review_not_owed", "it is not over yet, and is reviewed afterwards", {
      hint: `\`sallyport revoke ${state.id}\` ends it now, or wait until its time is over`,
      retryAfterSeconds: 60,
    });
  }
  return {
    kind: "glass.reviewed",
    data: {
      person: caller.id,
      verdict: input.verdict,
      judged: judgedBy(caller, now),
      ...(input.repeat === undefined ? {} : { repeat: input.repeat }),
    },
    values: { comment: input.comment, body: input.bodyHash },
  };
}
