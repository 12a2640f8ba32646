import { fillApprovals } from "../core/approvals.ts";
import type {
  Configuration,
  PolicyEngine,
  Question,
  Resource,
  Rule,
  Verdict,
} from "../core/policy-engine.ts";
import { activationDefects } from "./cedar-activation-check.ts";
import { cedarRequest } from "./cedar-calls.ts";
import { callEngine, engineVersion, isEngineLost } from "./cedar-engine.ts";
import { type Prepared, preparedSets } from "./cedar-prepared-sets.ts";
import { readRuleSet, type WrittenRule } from "./cedar-rule-set.ts";

/** What was asked for and could not be judged, so that it is denied. */
type Failed = { kind: "failed"; rules: string[]; errors: string[] };
type Outcome = { kind: "allow" | "deny"; reason: string[] } | Failed;

/**
 * The rules, by Cedar. Besides what the port promises:
 *
 * - A permit whose groups cannot be filled in (a missing tag, a group the directory does not have) denies
 *   the whole, even beside a permit that could be: a rule that cannot be read is a mistake in the rules,
 *   and nothing is opened by mistaken rules.
 * - A permit nobody has to agree to never applies to a command that can become a shell (all commands of
 *   Windows tasks among them): it is dropped, and when nothing else permits, that is a deny.
 * - A permit for emergencies is none but in one, and is then the only kind there is; a forbid holds in both.
 * - `mayAskThere` looks through every condition on the command, whichever way round it is written.
 *
 * `onLost` is told once, when the engine has trapped: from then on everything is denied, and the process
 * should end soon to be replaced.
 */
export function cedarPolicyEngine(
  options: { onLost?: (error: unknown) => void } = {},
): PolicyEngine {
  const onLost = options.onLost ?? (() => {});
  const prepare = preparedSets(onLost);

  const evaluate = (
    set: Prepared,
    policySet: "rules" | "withoutContext" | "inEmergency",
    question: Question,
  ): Outcome => {
    if (set.kind === "unusable") return { kind: "failed", rules: set.rules, errors: set.errors };
    const request = cedarRequest(question);
    if (request === undefined || !isSound(request)) {
      return { kind: "failed", rules: [], errors: ["the question makes no sense"] };
    }
    const called = callEngine(
      (engine) =>
        engine.statefulIsAuthorized({
          ...request,
          preparsedPolicySetId: set[policySet],
          preparsedSchemaName: set.schema,
          validateRequest: true,
        }),
      onLost,
    );
    if (called.kind === "failed") return { kind: "failed", rules: [], errors: [called.why] };
    const { answer } = called;
    if (answer.type === "failure" || answer.warnings.length > 0) {
      const found = [...(answer.type === "failure" ? answer.errors : []), ...answer.warnings];
      return { kind: "failed", rules: [], errors: found.map((error) => error.message) };
    }
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) {
      // The engine leaves out a rule that errs, a forbid included, and may still say allow.
      return {
        kind: "failed",
        rules: diagnostics.errors.map((error) => error.policyId).toSorted(),
        errors: diagnostics.errors.map(({ policyId, error }) => `${policyId}: ${error.message}`),
      };
    }
    return { kind: decision, reason: diagnostics.reason.toSorted() };
  };

  const judge = (configuration: Configuration, question: Question): Verdict => {
    const set = prepare(configuration);
    const outcome = evaluate(set, "rules", question);
    if (outcome.kind === "failed") return denied("error", outcome.rules, outcome.errors);
    if (outcome.kind === "deny") {
      const why = outcome.reason.length > 0 ? "forbid" : "no_permit";
      return denied(why, outcome.reason, []);
    }
    const written = outcome.reason.map((id) => set.byId.get(id));
    const permits = written.filter((rule) => rule !== undefined);
    if (permits.length === 0 || permits.length < written.length) {
      return denied("error", outcome.reason, ["the engine named rules that are not in the set"]);
    }
    return permitted(permits, question, configuration.directory.groups);
  };

  return {
    version: engineVersion,
    isLost: isEngineLost,
    judge,
    mayAskThere(configuration, principal, resource: Resource, mode): boolean {
      const question: Question = { principal, action: "exec", resource, facts: NO_COMMAND };
      const set = mode?.breakGlass === true ? "inEmergency" : "withoutContext";
      return evaluate(prepare(configuration), set, question).kind === "allow";
    },
    rulesOf: (texts) =>
      readRuleSet(texts, onLost).rules.map(({ id, textHash }) => ({ id, textHash })),
    check: (texts) => activationDefects(texts, judge, onLost),
  };
}

/** Facts of the right shape for a set in which no rule looks at them. */
const NO_COMMAND = { argc: 0, a: {}, line: "", argv0: "", shell: false, has_ticket: false };

function permitted(matching: WrittenRule[], question: Question, groups: string[]): Verdict {
  const { resource, facts } = question;
  const inEmergency = question.breakGlass === true;
  const permits = matching.filter(
    ({ annotations }) => (annotations.breakGlass !== undefined) === inEmergency,
  );
  if (permits.length === 0) {
    const ids = matching.map((rule) => rule.id);
    return inEmergency
      ? denied("no_permit", [], [])
      : denied(
          "no_permit",
          ids,
          ids.map((id) => `${id}: only by breaking the glass`),
        );
  }
  const tags = resource.kind === "gateway" ? {} : resource.tags;
  const rules: Rule[] = [];
  const errors: string[] = [];
  const notAutomatic: string[] = [];
  for (const { id, textHash, annotations } of permits) {
    const filled = fillApprovals(annotations.needs, tags, groups);
    if (filled.kind === "unfillable") {
      errors.push(`${id}: ${filled.why}`);
    } else if (filled.needs.length === 0 && question.action === "activate") {
      errors.push(`${id}: activating rules is never automatic`);
    } else if (filled.needs.length === 0 && facts?.shell === true && !inEmergency) {
      notAutomatic.push(id);
    } else {
      const { maxDurationSeconds, maxSessions, requestTtlSeconds, pin } = annotations;
      const { breakGlass, denyAfter } = annotations;
      const { needs } = filled;
      rules.push({
        id,
        textHash,
        needs,
        maxDurationSeconds,
        maxSessions,
        requestTtlSeconds,
        pin,
        ...(breakGlass === undefined ? {} : { breakGlass }),
        ...(denyAfter === undefined ? {} : { denyAfter }),
      });
    }
  }
  if (errors.length > 0) {
    return denied(
      "error",
      permits.map((rule) => rule.id),
      errors,
    );
  }
  if (rules.length > 0) return { kind: "permit", rules };
  return denied(
    "no_permit",
    notAutomatic,
    notAutomatic.map((id) => `${id}: automatic, and the command can become a shell`),
  );
}

function denied(
  why: (Verdict & { kind: "deny" })["why"],
  rules: string[],
  errors: string[],
): Verdict {
  return { kind: "deny", why, rules, errors };
}

/** Half a surrogate pair in any text makes the engine throw, which it does not survive for ever. */
function isSound(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isSound(member));
}
