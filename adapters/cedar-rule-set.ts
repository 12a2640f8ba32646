import type * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { type RuleAnnotations, readAnnotations } from "../core/annotations.ts";
import { sha256Hex } from "../core/digest.ts";
import { type Action, type Defect, isAction } from "../core/policy-engine.ts";
import { callEngine } from "./cedar-engine.ts";
import type { Clause } from "./cedar-expression.ts";
import { textDefects } from "./cedar-text-limits.ts";

/** One rule as it was written, read. */
export interface WrittenRule {
  id: string;
  effect: "permit" | "forbid";
  /** The one action a permit names; a forbid may name any number. */
  action: Action | undefined;
  text: string;
  /** SHA-256 of the text, annotations and comments included. */
  textHash: string;
  annotations: RuleAnnotations;
  json: cedar.PolicyJson;
  clauses: Clause[];
}

export interface RuleSet {
  rules: WrittenRule[];
  defects: Defect[];
}

/** As deep as the engine reads a rule back from JSON, with room to spare. */
const MOST_NESTED = 96;
const LONGEST_DETAIL = 500;

/**
 * Reads rules and schema as far as each needs to be read to judge by them: parsed, annotated by our
 * schema, every permit naming one action, ids unique, and valid to Cedar without error or warning. A set
 * with any defect must not be judged by.
 */
export function readRuleSet(
  texts: { policies: string; schema: string },
  onLost: (error: unknown) => void,
): RuleSet {
  const tooMuch = textDefects(texts);
  if (tooMuch.length > 0) return { rules: [], defects: tooMuch };
  const read = callEngine((engine) => readWith(engine, texts), onLost);
  return read.kind === "answer"
    ? read.answer
    : { rules: [], defects: [defect("policies", read.why)] };
}

function readWith(engine: typeof cedar, texts: { policies: string; schema: string }): RuleSet {
  const defects: Defect[] = [];
  const schema = engine.checkParseSchema(texts.schema);
  if (schema.type === "failure") {
    defects.push(...schema.errors.map((error) => located("schema", error, texts.schema)));
  }
  const parts = engine.policySetTextToParts(texts.policies);
  if (parts.type === "failure") {
    defects.push(...parts.errors.map((error) => located("policies", error, texts.policies)));
    return { rules: [], defects };
  }
  if (parts.policy_templates.length > 0) {
    defects.push(defect("policies", "templates (?principal, ?resource) are not used here"));
  }
  if (parts.policies.length === 0) defects.push(defect("policies", "there is no rule"));

  const rules: WrittenRule[] = [];
  const ids = new Set<string>();
  for (const text of parts.policies) {
    const rule = readRule(engine, text);
    if (Array.isArray(rule)) {
      defects.push(...rule);
    } else if (ids.has(rule.id)) {
      defects.push(defect(rule.id, "@id stands twice"));
    } else {
      ids.add(rule.id);
      rules.push(rule);
    }
  }
  if (schema.type === "success") defects.push(...validate(engine, texts.schema, rules));
  return { rules, defects };
}

function readRule(engine: typeof cedar, text: string): WrittenRule | Defect[] {
  const parsed = engine.policyToJson(text);
  const first = text.trimStart().split("\n", 1)[0] ?? "";
  const somewhere = `rule ${JSON.stringify(first.slice(0, 60))}`;
  if (parsed.type === "failure") {
    return parsed.errors.map((error) => defect(somewhere, error.message));
  }
  const { json } = parsed;
  const action = namedAction(json.action);
  const read = readAnnotations({ effect: json.effect, action }, json.annotations ?? {});
  const where = (read.kind === "annotations" ? read.annotations.id : read.id) ?? somewhere;
  const defects =
    read.kind === "defects" ? read.defects.map((detail) => defect(where, detail)) : [];
  if (json.effect === "permit" && action === undefined) {
    defects.push(
      defect(where, `a permit names one action: action == Sallyport::Action::"exec", say`),
    );
  }
  if (depthOf(json) > MOST_NESTED) {
    defects.push(defect(where, "nested too deep; use a set instead of many && or ||"));
  }
  if (read.kind === "defects" || defects.length > 0) return defects;
  const { id } = read.annotations;
  const clauses = json.conditions as unknown as Clause[];
  const textHash = sha256Hex(text);
  return {
    id,
    effect: json.effect,
    action,
    text,
    textHash,
    annotations: read.annotations,
    json,
    clauses,
  };
}

function namedAction(constraint: cedar.ActionConstraint): Action | undefined {
  if (constraint.op !== "==" || !("entity" in constraint)) return undefined;
  const { entity } = constraint;
  const { type, id } = "__entity" in entity ? entity.__entity : entity;
  return type === "Sallyport::Action" && isAction(id) ? id : undefined;
}

function validate(engine: typeof cedar, schema: string, rules: WrittenRule[]): Defect[] {
  const staticPolicies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]));
  const answer = engine.validate({ schema, policies: { staticPolicies } });
  if (answer.type === "failure") {
    return answer.errors.map((error) => defect("policies", error.message));
  }
  const found = [...answer.validationErrors, ...answer.validationWarnings];
  return [
    ...found.map(({ policyId, error }) => defect(policyId, withHelp(error))),
    ...answer.otherWarnings.map((error) => defect("schema", withHelp(error))),
  ];
}

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((most: number, v) => Math.max(most, depthOf(v)), 0);
}

function located(where: string, error: cedar.DetailedError, text: string): Defect {
  const start = error.sourceLocations?.[0]?.start;
  // The engine counts in UTF-8 bytes.
  const line =
    start === undefined
      ? ""
      : `line ${new TextDecoder().decode(new TextEncoder().encode(text).slice(0, start)).split("\n").length}: `;
  return defect(where, `${line}${withHelp(error)}`);
}

function withHelp(error: cedar.DetailedError): string {
  return error.help === null ? error.message : `${error.message} (${error.help})`;
}

function defect(where: string, detail: string): Defect {
  return { where, detail: detail.slice(0, LONGEST_DETAIL) };
}
