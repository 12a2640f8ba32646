import { isObject } from "../json.ts";
import { knownKey, type RequestContext } from "./context.ts";
import {
  arnComponents,
  matchesArn,
  matchesPattern,
  type PatternPart,
  parseArnPattern,
  parsePattern,
  type VariableOf,
  variablesIn,
} from "./match.ts";

/** One `operator: {key: values}` of a Condition block, read and checked once. */
export interface Condition {
  key: string;
  quantifier: "single" | "all" | "any";
  negated: boolean;
  ifExists: boolean;
  /** One test per value in the policy; a request value passes if any of them says so. */
  tests: ((value: string, variableOf: VariableOf) => boolean)[];
  /** Present for the operator `Null`: must the key be absent? */
  absent?: boolean;
  /** The policy variables in the values, so that a missing one can be told from a mismatch. */
  variables: string[];
}

/** A Condition block that this evaluator does not implement: refused, never skipped. */
export class ConditionError extends Error {}

type Comparison =
  | "string"
  | "string-ignore-case"
  | "string-like"
  | "arn"
  | "bool"
  | "before"
  | "after";

const OPERATORS: { readonly [operator: string]: { comparison: Comparison; negated: boolean } } = {
  StringEquals: { comparison: "string", negated: false },
  StringNotEquals: { comparison: "string", negated: true },
  StringEqualsIgnoreCase: { comparison: "string-ignore-case", negated: false },
  StringLike: { comparison: "string-like", negated: false },
  StringNotLike: { comparison: "string-like", negated: true },
  // IAM documents ArnEquals and ArnLike as identical.
  ArnEquals: { comparison: "arn", negated: false },
  ArnLike: { comparison: "arn", negated: false },
  ArnNotEquals: { comparison: "arn", negated: true },
  ArnNotLike: { comparison: "arn", negated: true },
  Bool: { comparison: "bool", negated: false },
  DateLessThan: { comparison: "before", negated: false },
  DateGreaterThan: { comparison: "after", negated: false },
};

/**
 * Reads a Condition block. Throws ConditionError for any operator, key or value it cannot judge, and for a
 * block or an operator with nothing in it: IAM reads those as no condition, which is hardly what was meant.
 */
export function parseConditions(block: unknown): Condition[] {
  if (block === undefined) return [];
  return members(block, "Condition").flatMap(([operator, keys]) =>
    members(keys, operator).map(([key, values]) => parseCondition(operator, key, values)),
  );
}

/**
 * Whether a condition holds. A missing key fails a positive operator and satisfies a negated one, as
 * in IAM; `IfExists` and `ForAllValues` are satisfied by it, `ForAnyValue` is not. An empty value is a
 * value. Throws TypeError for a context in which a key of one value has several.
 */
export function conditionHolds(
  condition: Condition,
  context: RequestContext,
  variableOf: VariableOf,
): boolean {
  const found = context[condition.key];
  const values = found === undefined ? [] : typeof found === "string" ? [found] : found;
  if (condition.absent !== undefined) return condition.absent === (values.length === 0);
  if (values.length === 0) {
    if (condition.ifExists) return true;
    return (
      condition.quantifier === "all" || (condition.quantifier === "single" && condition.negated)
    );
  }
  if (condition.quantifier === "single" && values.length > 1) {
    throw new TypeError(`${condition.key} has several values`);
  }
  const passes = (value: string): boolean =>
    condition.tests.some((test) => test(value, variableOf)) !== condition.negated;
  return condition.quantifier === "all" ? values.every(passes) : values.some(passes);
}

/**
 * Policy variables read the same context; one with several values stands for nothing.
 *
 * What a variable with the empty value stands for IAM does not document. It is the empty text where a match
 * forbids (`emptyIsText`), and elsewhere as good as missing: `task/${aws:PrincipalTag/x}*` of an empty tag
 * must not name every task.
 */
export function variablesFrom(
  context: RequestContext,
  options: { emptyIsText: boolean },
): VariableOf {
  return (key) => {
    const value = context[key];
    if (typeof value !== "string") return undefined;
    return value === "" && !options.emptyIsText ? undefined : value;
  };
}

/** The members of an object that has some, no two of them alike but for case: keys have none. */
function members(written: unknown, what: string): [string, unknown][] {
  if (!isObject(written)) throw new ConditionError(`${what} must be an object`);
  const entries = Object.entries(written);
  if (entries.length === 0) throw new ConditionError(`${what} is empty`);
  const names = new Set(entries.map(([name]) => name.toLowerCase()));
  if (names.size !== entries.length) throw new ConditionError(`${what} names one thing twice`);
  return entries;
}

function parseCondition(written: string, key: string, values: unknown): Condition {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(written);
  if (match === null) throw new ConditionError(`unsupported operator ${written}`);
  const [, set, operator = "", ifExists] = match;
  const quantifier = set === undefined ? "single" : set === "ForAllValues" ? "all" : "any";
  const lowerKey = key.toLowerCase();
  const known = knownKey(lowerKey);
  if (known === undefined) throw new ConditionError(`unsupported condition key ${key}`);
  const texts = valueTexts(values, `${written} ${key}`);

  const base = { key: lowerKey, quantifier, ifExists: ifExists !== undefined } as const;
  if (operator === "Null") {
    const [only] = texts;
    if (set !== undefined || ifExists !== undefined || texts.length !== 1) {
      throw new ConditionError(`Null takes one value and no modifier, for ${key}`);
    }
    if (only !== "true" && only !== "false") throw new ConditionError(`Null ${key}: true or false`);
    return { ...base, negated: false, tests: [], variables: [], absent: only === "true" };
  }
  const found = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (found === undefined) throw new ConditionError(`unsupported operator ${written}`);
  if (known.multivalued && quantifier === "single") {
    throw new ConditionError(`${key} has several values: it needs ForAllValues or ForAnyValue`);
  }
  const read = texts.map((text) => valueTest(found.comparison, text));
  return {
    ...base,
    negated: found.negated,
    tests: read.map(({ test }) => test),
    variables: read.flatMap(({ variables }) => variables),
  };
}

interface ValueTest {
  test: (value: string, variableOf: VariableOf) => boolean;
  variables: string[];
}

function valueTest(comparison: Comparison, text: string): ValueTest {
  switch (comparison) {
    case "string":
      return patternTest(parsePattern(text, { wildcards: false }));
    case "string-like":
      return patternTest(parsePattern(text, { wildcards: true }));
    case "string-ignore-case": {
      if (text.includes("${")) throw new ConditionError("StringEqualsIgnoreCase takes no variable");
      return { test: (value) => value.toLowerCase() === text.toLowerCase(), variables: [] };
    }
    case "arn":
      return arnTest(text);
    case "bool": {
      if (text !== "true" && text !== "false") throw new ConditionError(`Bool: not ${text}`);
      return { test: (value) => value === text, variables: [] };
    }
    case "before":
    case "after": {
      const limit = instant(text);
      if (limit === undefined) throw new ConditionError(`not a date: ${text}`);
      const test = (value: string): boolean => {
        const at = instant(value);
        return at !== undefined && (comparison === "before" ? at < limit : at > limit);
      };
      return { test, variables: [] };
    }
  }
}

function patternTest(pattern: PatternPart[]): ValueTest {
  return {
    test: (value, variableOf) => matchesPattern(pattern, value, variableOf),
    variables: variablesIn(pattern),
  };
}

/** A value that is one policy variable stands for a whole ARN, letter by letter. */
function arnTest(text: string): ValueTest {
  const pattern = parseArnPattern(text);
  if (text === "*") throw new ConditionError("not an ARN: *");
  return {
    test: (value, variableOf) =>
      arnComponents(value) !== undefined && matchesArn(pattern, value, variableOf),
    variables: variablesIn(pattern.whole),
  };
}

/** Epoch milliseconds of an ISO 8601 instant in UTC; nothing else, so that no time zone is guessed. */
function instant(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text)) return undefined;
  const at = Date.parse(text);
  // `Date.parse` takes 30 February for 2 March.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    return undefined;
  }
  return at;
}

function valueTexts(values: unknown, where: string): string[] {
  const list: unknown[] = Array.isArray(values) ? values : [values];
  if (list.length === 0) throw new ConditionError(`${where}: no value`);
  return list.map((value) => {
    if (typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    throw new ConditionError(`${where}: a value must be a string`);
  });
}
