import { agreements, barredFrom } from "./alternatives.ts";
import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import type { EpochMillis } from "./clock.ts";
import { type DecisionInput, notPermitted, rulesNow, sameRules } from "./decide.ts";
import { closed } from "./decided-elsewhere.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import { type Extension, pendingExtension } from "./extension.ts";
import { grantedMinutes, requireCap } from "./granted-minutes.ts";
import { onlyPersons } from "./no-right.ts";
import type { Configuration, PolicyEngine } from "./policy-engine.ts";
import { tally } from "./quorum.ts";
import { type RequestState, statusAt } from "./request-state.ts";
import { requireRoom } from "./transitions.ts";
import { outOfTurn, placeFor } from "./turn.ts";

export type ExtensionDecided =
  | { kind: "append"; body: Judging & { kind: "extension.approved" | "extension.denied" } }
  /** The same person has already said the same about it. */
  | { kind: "repeated" };

/**
 * Decides on a decision about more time, as `decide` does about a request: by the same rules, for the whole
 * of the extended time, from nobody who is barred from the request. Approvals of the request do not count
 * for it. Where the rules have changed since it was asked for, it has to be asked for again.
 *
 * Throws `not_permitted`, `self_approval`, `out_of_turn`, `body_invalid` (of `maxMinutes`), `digest_stale`,
 * `request_closed`, `refused_by_rule` or `chain_full`: nothing is to be appended then.
 */
export function decideExtension(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  extension: Extension,
  caller: Caller,
  input: DecisionInput,
  now: EpochMillis,
): ExtensionDecided {
  const { directory } = configuration;
  if (caller.kind !== "person") throw onlyPersons("decide");
  if (barredFrom(state, directory).has(caller.id)) {
    throw new SallyportError("self_approval", "nobody decides on what they ask for themselves", {
      hint: `\`sallyport show ${state.id}\` says who may decide`,
    });
  }
  const before = extension.decisions.find(({ person }) => person === caller.id);
  if (before?.decision === input.decision && before.maxMinutes === input.maxMinutes) {
    return { kind: "repeated" };
  }
  const permitted = policy.judge(configuration, {
    principal: principalOfCaller(caller),
    action: "approve",
    resource: state.resource,
  });
  if (permitted.kind === "deny") throw notPermitted();
  if (extension.stage === "superseded") {
    throw new SallyportError("digest_stale", "another extension was asked for in its place", {
      hint: "look at the card again and decide on that",
      members: { digest: pendingExtension(state)?.digest, fields: [] },
    });
  }
  const status = statusAt(state, Math.max(now, state.tail.at));
  if (extension.stage !== "pending") {
    throw closed(`the extension is ${extension.stage} already`, extension.decisions, status);
  }
  if (status !== "approved") {
    throw closed(`the request is ${status}: it has no time to extend`, state.decisions, status);
  }
  if (before !== undefined) {
    throw closed(`you have already said ${before.decision} to this card`, [before], status);
  }
  requireCap(input.maxMinutes, input.decision, extension.minutes);

  const minutes = Math.ceil((extension.until - (state.grant?.startsAt ?? 0)) / 60_000);
  const rules = rulesNow(policy, configuration, state, minutes);
  if (input.decision === "approve") {
    requireRoom(state);
    if (rules.kind === "none") throw rules.error;
    if (!sameRules(rules.rules, extension.rules)) {
      throw new SallyportError("digest_stale", "the rules have changed since it was asked for", {
        hint: "its requester has to ask for it again: `sallyport extend ID`",
        members: { digest: extension.digest, fields: ["rules"] },
      });
    }
  }
  const needs = extension.rules;
  const asked = { requester: state.requester, decisions: extension.decisions };
  const given = agreements(asked, directory);
  const mine = { person: caller.id, groups: caller.groups };
  const place = placeFor(needs, given, mine);
  if (place === "none") throw notPermitted();
  if (place === "later" && input.decision === "approve") {
    throw outOfTurn(needs, asked, directory, mine);
  }
  const common = {
    number: extension.number,
    person: caller.id,
    groups: caller.groups
      .filter((g) => needs.some((rule) => rule.needs.some(({ group }) => group === g)))
      .toSorted(),
    judged: judgedBy(caller, now),
    ...(input.repeat === undefined ? {} : { repeat: input.repeat }),
  };
  const values = {
    digest: input.digest,
    body: input.bodyHash,
    ...(input.comment === undefined ? {} : { comment: input.comment }),
  };
  if (input.decision === "deny") {
    return { kind: "append", body: { kind: "extension.denied", data: common, values } };
  }
  const satisfied = needs.find((rule) => tally(rule.needs, [...given, mine]).lacks.length === 0);
  const granted = grantedMinutes(extension.minutes, extension.decisions, input.maxMinutes);
  return {
    kind: "append",
    body: {
      kind: "extension.approved",
      data: {
        ...common,
        ...(input.maxMinutes === undefined ? {} : { maxMinutes: input.maxMinutes }),
        grant:
          satisfied === undefined
            ? null
            : { rule: satisfied.id, expiresAt: extension.from + granted * 60_000 },
      },
      values,
    },
  };
}
