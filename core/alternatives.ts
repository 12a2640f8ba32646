import type { CardRule } from "./card.ts";
import type { Directory } from "./directory.ts";
import { bounded, type elsewhere, groupsCounted, sourcesElsewhere } from "./group-source.ts";
import type { RuleOnRecord } from "./kinds/asked.ts";
import type {
  Configuration,
  Facts,
  Need,
  PolicyEngine,
  Resource,
  Rule,
  Verdict,
} from "./policy-engine.ts";
import { type Agreement, tally } from "./quorum.ts";
import type { RequestState } from "./request-state.ts";

/** The rules by which a wish may be granted; one of them satisfied is enough. */
export type Alternatives =
  | { kind: "rules"; rules: Rule[] }
  | { kind: "none"; verdict: Verdict & { kind: "deny" } }
  /** Rules match, but none for so long. */
  | { kind: "too_long"; longestMinutes: number; rules: string[] };

/** The rules that permit a command there, for at least so many minutes. Omitted = 30, or what is allowed if less. */
export function execAlternatives(
  policy: PolicyEngine,
  configuration: Configuration,
  asking: {
    principal: { kind: "person" | "program"; id: string; groups: string[] };
    resource: Resource;
    facts: Facts;
  },
  durationMinutes: number | undefined,
): { alternatives: Alternatives; durationMinutes: number } {
  const verdict = policy.judge(configuration, {
    principal: asking.principal,
    action: "exec",
    resource: asking.resource,
    facts: asking.facts,
  });
  if (verdict.kind === "deny") {
    return { alternatives: { kind: "none", verdict }, durationMinutes: durationMinutes ?? 30 };
  }
  const longest = Math.floor(
    Math.max(...verdict.rules.map((rule) => rule.maxDurationSeconds)) / 60,
  );
  const minutes = durationMinutes ?? Math.min(30, longest);
  const rules = verdict.rules
    .filter((rule) => rule.maxDurationSeconds >= minutes * 60)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    durationMinutes: minutes,
    alternatives:
      rules.length > 0
        ? { kind: "rules", rules }
        : {
            kind: "too_long",
            longestMinutes: longest,
            rules: verdict.rules.map((rule) => rule.id),
          },
  };
}

export function ruleOnRecord(rule: Rule): RuleOnRecord {
  const { id, textHash, needs, maxDurationSeconds, maxSessions, pin } = rule;
  return { id, textHash, needs, maxDurationSeconds, maxSessions, pin, ...denying(rule) };
}

export function cardRule(rule: Pick<Rule, "id" | "textHash" | "needs" | "denyAfter">): CardRule {
  return { id: rule.id, textHash: rule.textHash, needs: rule.needs, ...denying(rule) };
}

function denying({ denyAfter }: Pick<Rule, "denyAfter">): { denyAfter?: number } {
  return denyAfter === undefined ? {} : { denyAfter };
}

/**
 * The agreements on record that count: given on the present card, by persons who still exist and may still
 * decide on it, each with the groups they are in now. Somebody who has left a group since does not fill its
 * place, and neither does somebody who has become an owner of the program that asks. Where it is not the directory
 * that says who is in a group, an agreement counts for the groups its person was in when they gave it, by the same source.
 */
export function agreements(
  state: Pick<RequestState, "requester" | "decisions">,
  directory: Directory,
): Agreement[] {
  const barred = barredFrom(state, directory);
  return state.decisions.flatMap((decision) => {
    const person = directory.persons.find((p) => p.id === decision.person);
    if (!decision.counts || decision.decision !== "approve" || person === undefined) return [];
    if (barred.has(person.id)) return [];
    const { groups: needed, allGroups = needed, groupsFrom } = decision;
    const groups = bounded(groupsCounted(person, allGroups, groupsFrom), directory);
    return [{ person: person.id, groups }];
  });
}

/** What is lacking of a need, and who could give it. */
export interface Lack extends Need {
  /** Whom the directory has in that group. */
  persons: string[];
  /** Where others may be in it as well, by whose word: the directory leaves it to that source. */
  alsoBy?: (typeof elsewhere)[number][];
}

/** What a rule still lacks, and who could give it: never the requester, nor an owner of a requesting program. */
export function lacking(
  state: Pick<RequestState, "decisions" | "requester">,
  needs: Need[],
  directory: Directory,
): Lack[] {
  const barred = barredFrom(state, directory);
  const decided = new Set(state.decisions.filter((d) => d.counts).map((d) => d.person));
  const free = directory.persons.filter((p) => !barred.has(p.id) && !decided.has(p.id));
  const alsoBy = sourcesElsewhere(free);
  return tally(needs, agreements(state, directory)).lacks.map((need) => ({
    ...need,
    persons: free
      .filter((p) => p.groups.includes(need.group))
      .map((p) => p.id)
      .toSorted(),
    ...(alsoBy.length === 0 ? {} : { alsoBy }),
  }));
}

/** Persons who may not decide on a request: the requester, and the owners of a program that asks. */
export function barredFrom(
  state: Pick<RequestState, "requester">,
  directory: Directory,
): Set<string> {
  const program = directory.programs.find((p) => p.id === state.requester.person);
  return new Set([state.requester.person, ...(program?.owners ?? [])]);
}
