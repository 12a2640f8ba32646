import type { PolicyEngine, Rule } from "./policy-engine.ts";

/**
 * The rules as they stand for somebody who breaks the glass: those for emergencies are in force, and no other
 * permits anything. What is forbidden stays forbidden.
 */
export function breakingGlass(policy: PolicyEngine): PolicyEngine {
  return {
    version: policy.version,
    rulesOf: (texts) => policy.rulesOf(texts),
    check: (texts) => policy.check(texts),
    isLost: () => policy.isLost(),
    judge: (configuration, question) =>
      policy.judge(
        configuration,
        question.action === "exec" ? { ...question, breakGlass: true } : question,
      ),
    mayAskThere: (configuration, principal, resource) =>
      policy.mayAskThere(configuration, principal, resource, { breakGlass: true }),
  };
}

/** A rule for emergencies, with its limits. */
export type BreakGlassRule = Rule & { breakGlass: NonNullable<Rule["breakGlass"]> };

export function isForEmergencies(rule: Rule): rule is BreakGlassRule {
  return rule.breakGlass !== undefined;
}
