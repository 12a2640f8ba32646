import {
  agreements,
  barredFrom,
  cardRule,
  execAlternatives,
  ruleOnRecord,
} from "./alternatives.ts";
import { type Caller, judgedBy, principalOfCaller } from "./caller.ts";
import { type Card, cardDigest, changedFields } from "./card.ts";
import type { EpochMillis } from "./clock.ts";
import { refusedByRule } from "./consider.ts";
import { closed, whatBecame } from "./decided-elsewhere.ts";
import { digestOf } from "./digest.ts";
import { erased } from "./erased.ts";
import { SallyportError } from "./errors.ts";
import type { Judging } from "./event-kinds.ts";
import { grantedMinutes, requireCap } from "./granted-minutes.ts";
import { bounded, groupsNow } from "./group-source.ts";
import type { Repeatable, RuleOnRecord } from "./kinds/asked.ts";
import type { Judged } from "./kinds/judged.ts";
import { onlyPersons } from "./no-right.ts";
import type { Configuration, PolicyEngine, Rule } from "./policy-engine.ts";
import { tally } from "./quorum.ts";
import { type RequestState, statusAt } from "./request-state.ts";
import { beginsAt } from "./start-at.ts";
import { requireRoom, usesTaken } from "./transitions.ts";
import { outOfTurn, placeFor } from "./turn.ts";

export interface DecisionInput {
  decision: "approve" | "deny";
  /** The digest of the card the caller was shown. */
  digest: string;
  comment: string | undefined;
  /** The approver grants no more than this of what was asked. */
  maxMinutes?: number | undefined;
  /** SHA-256 of the canonical body. */
  bodyHash: string;
  repeat: Repeatable | undefined;
}

export type Decided =
  | { kind: "append"; body: Judging; completes: boolean }
  /** The rules have moved since the card was made: a new card first, and nothing decided. */
  | { kind: "recard"; body: Judging & { kind: "request.recarded" }; error: SallyportError }
  /** The same person has already said the same about the same card. */
  | { kind: "repeated" };

/**
 * Decides on a decision. A denial counts from whoever's approval would, now or in their turn. An approval counts
 * when the person may approve there, is none of those barred (the requester under any identity, an owner of the
 * program that asks), and fills a place that some rule still lacks; the digest they name must be that of the card
 * as it now is. When the activated set changed since the card was made, the rules are evaluated again first, and a
 * card that would come out differently is replaced before anybody agrees to it.
 *
 * Throws `body_invalid` (of `maxMinutes`), `not_permitted`, `self_approval`, `out_of_turn`, `request_closed`,
 * `digest_stale` or `refused_by_rule`: nothing is to be appended then.
 */
export function decide(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  caller: Caller,
  input: DecisionInput,
  now: EpochMillis,
): Decided {
  const { directory } = configuration;
  const judged = judgedBy(caller, now);
  if (caller.kind !== "person") throw onlyPersons("decide");
  if (barredFrom(state, directory).has(caller.id)) {
    throw new SallyportError("self_approval", "nobody decides on what they ask for themselves", {
      hint: `the requester can cancel: \`sallyport cancel ${state.id}\``,
    });
  }
  const before = state.decisions.find((d) => d.counts && d.person === caller.id);
  if (
    before !== undefined &&
    before.decision === input.decision &&
    before.maxMinutes === input.maxMinutes &&
    state.digest === input.digest
  ) {
    return { kind: "repeated" };
  }
  const permitted = policy.judge(configuration, {
    principal: principalOfCaller(caller),
    action: "approve",
    resource: state.resource,
  });
  if (permitted.kind === "deny") throw notPermitted();
  const status = statusAt(state, now);
  if (state.breakGlass !== undefined) {
    throw new SallyportError("request_closed", "nobody was asked: the glass was broken", {
      hint: `it is reviewed: \`sallyport review ${state.id}\`; whoever may revoke it can end it`,
      members: { requestStatus: status },
    });
  }
  if (status !== "pending" && !(status === "approved" && usesTaken(state).length === 0)) {
    throw closed(whatBecame(state, status), state.decisions, status);
  }
  if (state.card === undefined || state.digest === undefined) {
    throw erased();
  }

  const rules = rulesNow(policy, configuration, state);
  if (input.decision === "approve") {
    requireRoom(state);
    if (rules.kind === "none") throw rules.error;
    if (!sameRules(rules.rules, state.rules)) return recard(state, rules.rules, judged);
  }
  if (status === "approved") {
    throw closed(whatBecame(state, status), state.decisions, status);
  }
  if (before !== undefined) {
    throw closed(`you have already said ${before.decision} to this card`, [before], status);
  }
  if (input.digest !== state.digest) throw stale(state.digest, []);
  const asked = state.exec?.durationMinutes;
  requireCap(input.maxMinutes, input.decision, asked);

  const needs = rules.kind === "none" ? state.rules : rules.rules;
  const given = agreements(state, directory);
  const mine = { person: caller.id, groups: caller.groups };
  const place = placeFor(needs, given, mine);
  if (place === "none") throw notPermitted();
  // Who is asked later may say no before.
  if (place === "later" && input.decision === "approve") {
    throw outOfTurn(needs, state, directory, mine);
  }
  const groups = caller.groups.filter((g) =>
    needs.some((rule) => rule.needs.some((need) => need.group === g)),
  );
  const common = {
    person: caller.id,
    groups: groups.toSorted(),
    judged,
    ...(input.repeat === undefined ? {} : { repeat: input.repeat }),
  };
  const values = {
    digest: input.digest,
    body: input.bodyHash,
    ...(input.comment === undefined ? {} : { comment: input.comment }),
  };
  if (input.decision === "deny") {
    return {
      kind: "append",
      completes: false,
      body: { kind: "decision.denied", data: common, values },
    };
  }
  const satisfied = needs.find(
    (rule) => rule.needs.length > 0 && tally(rule.needs, [...given, mine]).lacks.length === 0,
  );
  const at = Math.max(now, state.tail.at);
  const grant =
    satisfied === undefined
      ? null
      : {
          rule: satisfied.id,
          expiresAt:
            beginsAt(at, state.exec?.startAt) +
            grantedMinutes(asked ?? 0, state.decisions, input.maxMinutes) * 60_000,
        };
  return {
    kind: "append",
    completes: grant !== null,
    body: {
      kind: "decision.approved",
      data: {
        ...common,
        ...(input.maxMinutes === undefined ? {} : { maxMinutes: input.maxMinutes }),
        grant,
      },
      values,
    },
  };
}

type RulesNow =
  | { kind: "rules"; rules: Rule[] }
  /** `longestMinutes` where rules match, and none for so long. */
  | { kind: "none"; error: SallyportError; longestMinutes?: number };

/** The rules that would let the requester have this now, by the activated set; judged on the record's own facts. */
export function rulesNow(
  policy: PolicyEngine,
  configuration: Configuration,
  state: RequestState,
  durationMinutes = state.exec?.durationMinutes,
): RulesNow {
  const { directory } = configuration;
  const known =
    directory.persons.find((p) => p.id === state.requester.person) ??
    directory.programs.find((p) => p.id === state.requester.person);
  if (known === undefined) {
    return {
      kind: "none",
      error: new SallyportError(
        "refused_by_rule",
        "the requester is not in the directory any more",
        { hint: "deny it, or leave it to lapse; those who keep the directory can add them again" },
      ),
    };
  }
  const groups = bounded(groupsNow(known, state.requesterGroups), directory);
  const principal = { kind: known.kind, id: known.id, groups };
  if (state.kind === "activate") {
    const verdict = policy.judge(configuration, {
      principal,
      action: "activate",
      resource: state.resource,
    });
    return verdict.kind === "deny"
      ? { kind: "none", error: refusedByRule(verdict.why, verdict.rules) }
      : { kind: "rules", rules: verdict.rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)) };
  }
  const facts = state.exec?.facts;
  if (facts === undefined) {
    return {
      kind: "none",
      error: erased(),
    };
  }
  const { alternatives } = execAlternatives(
    policy,
    configuration,
    { principal, resource: state.resource, facts },
    durationMinutes,
  );
  if (alternatives.kind === "rules") return { kind: "rules", rules: alternatives.rules };
  if (alternatives.kind === "none") {
    const { why, rules } = alternatives.verdict;
    return { kind: "none", error: refusedByRule(why, rules) };
  }
  const { longestMinutes } = alternatives;
  const error = new SallyportError("refused_by_rule", "no rule allows this for so long any more", {
    hint: `the rules allow ${longestMinutes} minutes in all now: the requester asks again`,
  });
  return { kind: "none", error, longestMinutes };
}

/** Whether a card of these rules says what one of those does. */
export function sameRules(rules: Rule[], before: RuleOnRecord[]): boolean {
  const text = (list: Pick<Rule, "id" | "textHash" | "needs" | "pin">[]): string =>
    digestOf(
      list
        .map(({ id, textHash, needs, pin }) => ({
          id,
          textHash,
          pin,
          needs: needs.map((n) => ({ ...n })),
        }))
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  return text(rules) === text(before);
}

function recard(state: RequestState, rules: Rule[], judged: Judged): Decided {
  const old = state.card as Card;
  const card: Card = { ...old, rules: rules.map(cardRule) };
  const fields = changedFields(old, card);
  return {
    kind: "recard",
    error: stale(cardDigest(card), fields),
    body: {
      kind: "request.recarded",
      data: {
        rules: rules.map(ruleOnRecord),
        automatic:
          state.kind === "exec" ? rules.filter((r) => r.needs.length === 0).map((r) => r.id) : [],
        fields,
        judged,
      },
      values: { card, digest: cardDigest(card) },
    },
  };
}

function stale(digest: string, fields: string[]): SallyportError {
  return new SallyportError(
    "digest_stale",
    fields.length > 0
      ? `the card has changed: ${fields.join(", ")}`
      : "that is not the digest of the card as it is now",
    { hint: "look at the card again and decide on that", members: { digest, fields } },
  );
}

export function notPermitted(): SallyportError {
  return new SallyportError("not_permitted", "your decision is not what this request lacks", {
    hint: "`sallyport show ID` says which groups it lacks, and who is in them",
  });
}
