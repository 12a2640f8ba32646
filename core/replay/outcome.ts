import { execAlternatives } from "../alternatives.ts";
import { same } from "../belongs/checks.ts";
import { readEvent, type StoredEvent } from "../event.ts";
import { bounded, groupsNow } from "../group-source.ts";
import type { Configuration, Facts, Need, PolicyEngine, Resource, Rule } from "../policy-engine.ts";

/** What somebody once asked for, as far as rules judge it. */
export interface RecordedWish {
  chain: string;
  at: number;
  /** Id of the person or program that asked. */
  who: string;
  /** Every group they were in then. */
  groups: readonly string[];
  action: "exec" | "activate";
  resource: Resource;
  facts: Facts | undefined;
  /** The duration asked for; undefined where it was left to the rules. */
  minutes: number | undefined;
}

/** What a set of rules makes of it. */
export type Outcome =
  | { kind: "automatic" | "approval"; rules: { id: string; needs: Need[] }[] }
  | { kind: "refused"; why: string; rules: string[] };

/** The wish of an event, or undefined where it is of none, or has been erased, or cannot be read. */
export function wishOf(stored: StoredEvent): RecordedWish | undefined {
  try {
    const event = readEvent(stored);
    const { chain, at } = event;
    if (event.kind === "activation.asked") {
      const who = event.data.requester.person;
      const groups = event.data.judged?.groups ?? [];
      const resource = { kind: "gateway" } as const;
      return {
        chain,
        at,
        who,
        groups,
        action: "activate",
        resource,
        facts: undefined,
        minutes: undefined,
      };
    }
    if (event.kind !== "request.asked" && event.kind !== "request.refused") return undefined;
    const { requester, resource, judged } = event.data;
    const facts: Facts | undefined = event.values.facts;
    if (facts === undefined) return undefined;
    const minutes = judged?.wished ?? undefined;
    const { person: who } = requester;
    const groups = judged?.groups ?? [];
    return { chain, at, who, groups, action: "exec", resource, facts, minutes };
  } catch {
    return undefined;
  }
}

/**
 * What a set makes of a wish today: its directory says in which groups who asked is, or that another source does, and
 * then they are those of then. Whether ECS Exec would work
 * there, and who has agreed since, is another question.
 */
export function outcomeUnder(
  policy: PolicyEngine,
  configuration: Configuration,
  wish: RecordedWish,
): Outcome {
  const { persons, programs } = configuration.directory;
  const known = [...persons, ...programs].find(({ id }) => id === wish.who);
  if (known === undefined) return { kind: "refused", why: "not in the directory", rules: [] };
  const groups = bounded(groupsNow(known, wish.groups), configuration.directory);
  const principal = { kind: known.kind, id: known.id, groups };
  const { resource, facts } = wish;
  if (facts === undefined) {
    const verdict = policy.judge(configuration, { principal, action: wish.action, resource });
    return verdict.kind === "deny"
      ? { kind: "refused", why: verdict.why, rules: verdict.rules }
      : permitted(verdict.rules);
  }
  const asking = { principal, resource, facts };
  const { alternatives } = execAlternatives(policy, configuration, asking, wish.minutes);
  switch (alternatives.kind) {
    case "none":
      return {
        kind: "refused",
        why: alternatives.verdict.why,
        rules: alternatives.verdict.rules.toSorted(),
      };
    case "too_long":
      return { kind: "refused", why: "too long", rules: alternatives.rules.toSorted() };
    case "rules":
      return permitted(alternatives.rules);
  }
}

function permitted(rules: Rule[]): Outcome {
  return {
    kind: rules.some(({ needs }) => needs.length === 0) ? "automatic" : "approval",
    rules: rules.map(({ id, needs }) => ({ id, needs })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** How outcomes change, what is loudest first. */
export const changes = [
  "refused to allowed",
  "approval to automatic",
  "allowed to refused",
  "automatic to approval",
  "needs changed",
  "refused otherwise",
] as const;
export type Change = (typeof changes)[number];

/** How one outcome differs from another; undefined where nobody would notice. */
export function changeOf(before: Outcome, after: Outcome): Change | undefined {
  if (before.kind !== after.kind) {
    if (after.kind === "refused") return "allowed to refused";
    if (before.kind === "refused") return "refused to allowed";
    return after.kind === "approval" ? "automatic to approval" : "approval to automatic";
  }
  if (same(before, after)) return undefined;
  return before.kind === "refused" ? "refused otherwise" : "needs changed";
}
