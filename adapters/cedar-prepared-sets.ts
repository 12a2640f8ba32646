import { randomUUID } from "node:crypto";
import type * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import type { Configuration } from "../core/policy-engine.ts";
import { callEngine } from "./cedar-engine.ts";
import { type Clause, type Expression, withoutContext } from "./cedar-expression.ts";
import { readRuleSet, type WrittenRule } from "./cedar-rule-set.ts";

/** A configuration's rules as the engine holds them, by the names it knows them under. */
export type Prepared =
  | {
      kind: "ready";
      rules: string;
      /** The rules on `exec`, with everything unknown that depends on the command. */
      withoutContext: string;
      /** The same, with the rules for emergencies among them. */
      inEmergency: string;
      schema: string;
      byId: ReadonlyMap<string, WrittenRule>;
    }
  | { kind: "unusable"; rules: string[]; errors: string[]; byId: ReadonlyMap<string, WrittenRule> };

interface Slot {
  number: number;
  hash: string;
  policies: string;
  schema: string;
  prepared: Prepared;
}

/** Enough for a change of configuration in mid-flight; the engine can overwrite a set, but not forget it. */
const SLOTS = 4;

/**
 * Prepares configurations, each once: the last few by use are kept. A hash is not believed alone: texts
 * other than those it was prepared with are prepared again. What cannot be prepared is kept too, as
 * unusable, so that asking again costs nothing.
 */
export function preparedSets(
  onLost: (error: unknown) => void,
): (configuration: Configuration) => Prepared {
  // The engine's names are global to the process: another engine must never overwrite ours.
  const owner = randomUUID();
  const slots: Slot[] = [];
  return ({ hash, policies, schema }) => {
    const at = slots.findIndex(
      (slot) => slot.hash === hash && slot.policies === policies && slot.schema === schema,
    );
    const [known] = at < 0 ? [] : slots.splice(at, 1);
    const number =
      known?.number ?? (slots.length < SLOTS ? slots.length : (slots.pop()?.number ?? 0));
    const prepared = known?.prepared ?? prepare(`${owner}.${number}`, policies, schema, onLost);
    slots.unshift({ number, hash, policies, schema, prepared });
    return prepared;
  };
}

function prepare(
  name: string,
  policies: string,
  schema: string,
  onLost: (error: unknown) => void,
): Prepared {
  const set = readRuleSet({ policies, schema }, onLost);
  const byId = new Map(set.rules.map((rule) => [rule.id, rule]));
  const unusable = (rules: string[], errors: string[]): Prepared => ({
    kind: "unusable",
    rules,
    errors,
    byId,
  });
  if (set.defects.length > 0) {
    return unusable(
      set.defects.map(({ where }) => where),
      set.defects.map(({ where, detail }) => `${where}: ${detail}`),
    );
  }
  const texts = Object.fromEntries(set.rules.map((rule) => [rule.id, rule.text]));
  const onExec = set.rules.filter((rule) => rule.effect === "forbid" || rule.action === "exec");
  const reduced = (rules: WrittenRule[]): cedar.PolicySet => ({
    staticPolicies: Object.fromEntries(rules.map((rule) => [rule.id, reducedRule(rule)])),
  });
  const ordinary = onExec.filter(({ annotations }) => annotations.breakGlass === undefined);
  const [rules, withoutContextName] = [`${name}.rules`, `${name}.reduced`];
  const inEmergency = `${name}.emergency`;
  const called = callEngine(
    (engine) => [
      engine.preparseSchema(name, schema),
      engine.preparsePolicySet(rules, { staticPolicies: texts }),
      engine.preparsePolicySet(withoutContextName, reduced(ordinary)),
      engine.preparsePolicySet(inEmergency, reduced(onExec)),
    ],
    onLost,
  );
  if (called.kind === "failed") return unusable([], [called.why]);
  const errors = called.answer.flatMap((answer) =>
    answer.type === "failure" ? answer.errors.map((error) => error.message) : [],
  );
  if (errors.length > 0) return unusable([], errors);
  return {
    kind: "ready",
    rules,
    withoutContext: withoutContextName,
    inEmergency,
    schema: name,
    byId,
  };
}

/** Permits as they may still come out, forbids as they will in any case. */
function reducedRule(rule: WrittenRule): cedar.PolicyJson {
  const whole = rule.effect === "permit" ? "possible" : "certain";
  const inverse = rule.effect === "permit" ? "certain" : "possible";
  const conditions = rule.clauses.map(
    ({ kind, body }): Clause => ({
      kind,
      body: withoutContext(body, kind === "when" ? whole : inverse) satisfies Expression,
    }),
  );
  return { ...rule.json, conditions: conditions as cedar.Clause[] };
}
