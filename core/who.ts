import { barredFrom, execAlternatives } from "./alternatives.ts";
import { breakingGlass } from "./emergency-rules.ts";
import type { Configuration, Facts, Need, PolicyEngine, Resource } from "./policy-engine.ts";
import { tally } from "./quorum.ts";

/** One who could ask, under one rule, and who could agree to it. */
export interface Could {
  who: string;
  kind: "person" | "program";
  /** Every group they are in. */
  groups: string[];
  rule: string;
  maxMinutes: number;
  /** Nobody has to agree. */
  automatic: boolean;
  /** The rule is for emergencies: by breaking the glass alone. */
  breakGlass: boolean;
  needs: (Need & {
    /** Of the group, whom the rules let approve there; never who asks, nor an owner of a program that does. */
    approvers: string[];
  })[];
  /** Whether so many distinct persons could agree: where they could not, nobody ever will. */
  reachable: boolean;
}

/**
 * Who could have a command there under a set of rules, and who could agree: each person and program of its
 * directory is put to the engine, by each rule that permits it, and by each that would in an emergency. Those whom
 * nothing permits are not in it.
 */
export function whoCould(
  policy: PolicyEngine,
  configuration: Configuration,
  resource: Resource,
  facts: Facts,
): Could[] {
  const { directory } = configuration;
  const deciders = directory.persons.filter(
    ({ kind, id, groups }) =>
      policy.judge(configuration, {
        principal: { kind, id, groups },
        action: "approve",
        resource,
      }).kind === "permit",
  );
  return [...directory.persons, ...directory.programs]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ kind, id, name, groups }) => {
      const asking = { principal: { kind, id, groups }, resource, facts };
      const rulesOf = (by: PolicyEngine) => {
        const { alternatives } = execAlternatives(by, configuration, asking, undefined);
        return alternatives.kind === "rules" ? alternatives.rules : [];
      };
      // Only persons break the glass.
      const emergency = kind === "person" ? rulesOf(breakingGlass(policy)) : [];
      const all = [
        ...rulesOf(policy).map((rule) => ({ rule, breakGlass: false })),
        ...emergency.map((rule) => ({ rule, breakGlass: true })),
      ];
      const barred = barredFrom({ requester: { person: id, name } }, directory);
      const free = deciders.filter((person) => !barred.has(person.id));
      return all.map(({ rule, breakGlass }): Could => {
        const agreements = free.map((person) => ({ person: person.id, groups: person.groups }));
        return {
          who: id,
          kind,
          groups,
          rule: rule.id,
          maxMinutes: Math.floor(rule.maxDurationSeconds / 60),
          automatic: rule.needs.length === 0,
          breakGlass,
          needs: rule.needs.map((need) => ({
            ...need,
            approvers: free
              .filter((person) => person.groups.includes(need.group))
              .map((person) => person.id)
              .toSorted(),
          })),
          reachable: tally(rule.needs, agreements).lacks.length === 0,
        };
      });
    });
}
