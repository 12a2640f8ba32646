import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import { type EpochMillis, isoTime } from "./clock.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import type { UseReview } from "./last-resort-use.ts";
import { reviewableFrom, type Use, usersOf } from "./last-resort-use.ts";
import { mayAudit, type ReadRight } from "./may-read.ts";
import { onlyPersons } from "./no-right.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import type { ReviewInput } from "./review.ts";

export interface UseReviewInput extends ReviewInput {
  /** CloudTrail's id of the call by which the reviewer named it. */
  id: string;
  /** Its last call of each chain, as they are on record now. */
  seen: UseReview["data"]["seen"];
}

/**
 * Decides on the review of a use of the role outside the gateway: by a person who may approve at the gateway, for it
 * goes into any container, and never by anybody whom what AWS told of it names; once all of it is on record. A late
 * one is taken too. Where AWS named nobody whom the directory knows, nobody can be kept from it: then `users` is
 * empty on record. Throws `self_approval`, `not_permitted` or `review_not_owed`: nothing is to be appended then.
 */
export function reviewLastResort(
  policy: PolicyEngine,
  configuration: Configuration,
  use: Use,
  caller: Caller,
  input: UseReviewInput,
  now: EpochMillis,
): Judging & { kind: "last_resort.reviewed" } {
  if (caller.kind !== "person") throw onlyPersons("review");
  const users = usersOf(configuration.directory, use);
  if (users.includes(caller.id)) {
    throw new SallyportError("self_approval", "nobody reviews what they did themselves", {
      hint: "AWS told of you as who used it, or of a session by your name: the review is somebody else's to give",
    });
  }
  if (!mayReview(policy, configuration, caller)) {
    throw new SallyportError("not_permitted", "no rule lets you review this", {
      hint: "whoever may approve at the gateway may review",
    });
  }
  if (use.review !== undefined) {
    const { at, data } = use.review;
    throw new SallyportError(
      "review_not_owed",
      `${data.person} has reviewed it at ${isoTime(at)}`,
      {
        hint: `one review is enough; \`sallyport review ${input.id}\` says what they wrote`,
      },
    );
  }
  const from = reviewableFrom(use);
  if (now < from) {
    throw new SallyportError(
      "review_not_owed",
      `not all of it may be on record yet: it is reviewed from ${isoTime(from)} on`,
      {
        hint: "its credentials last until half an hour before, and AWS tells of calls late",
        retryAfterSeconds: Math.ceil((from - now) / 1_000),
      },
    );
  }
  return {
    kind: "last_resort.reviewed",
    data: {
      person: caller.id,
      verdict: input.verdict,
      use: use.key,
      id: input.id,
      seen: input.seen,
      users,
      judged: judgedBy(caller, now),
      ...(input.repeat === undefined ? {} : { repeat: input.repeat }),
    },
    values: { comment: input.comment, body: input.bodyHash },
  };
}

/** By which right a caller sees a use: as who used it, as who may review it, or as an auditor; undefined by none. */
export function useReadRight(
  policy: PolicyEngine,
  configuration: Configuration,
  use: Use,
  caller: Caller,
): ReadRight | undefined {
  if (usersOf(configuration.directory, use).includes(caller.id)) return "own";
  if (mayReview(policy, configuration, caller)) return "approver";
  return mayAudit(policy, configuration, caller) ? "audit" : undefined;
}

function mayReview(policy: PolicyEngine, configuration: Configuration, caller: Caller): boolean {
  const question = {
    principal: principalOfCaller(caller),
    action: "approve",
    resource: { kind: "gateway" },
  } as const;
  return policy.judge(configuration, question).kind === "permit";
}
