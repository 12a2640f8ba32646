import { isObject } from "../json.ts";
import { type Condition, conditionHolds, parseConditions, variablesFrom } from "./condition.ts";
import type { RequestContext } from "./context.ts";
import {
  type ArnPattern,
  matchesArn,
  matchesPattern,
  type PatternPart,
  parseArnPattern,
  parsePattern,
  variablesIn,
} from "./match.ts";
import { namesCaller, type Principals, parsePrincipals, type TrustedCaller } from "./principals.ts";
import { texts } from "./texts.ts";

/** An IAM policy document as JSON gives it. */
export interface PolicyDocument {
  Version: "2012-10-17";
  Id?: string;
  Statement: PolicyStatement | PolicyStatement[];
}

export interface PolicyStatement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | { [kind: string]: string | string[] };
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: { [operator: string]: { [key: string]: string | boolean | (string | boolean)[] } };
}

/** A document read and checked: nothing in it is unknown to the evaluator. */
export interface Policy {
  statements: Statement[];
}

interface Statement {
  effect: "Allow" | "Deny";
  principals?: Principals[];
  actions: PatternPart[][];
  notActions: boolean;
  resources: ArnPattern[];
  notResources: boolean;
  conditions: Condition[];
}

export interface PolicyRequest {
  /** `service:Operation`. */
  action: string;
  /** An ARN, or `*` for an operation that IAM knows no resource for. */
  resource: string;
  context: RequestContext;
}

export type Effect = "allow" | "explicit-deny" | "no-match";

/** A document this evaluator cannot judge in full. It is refused where it is handed in. */
export class PolicyError extends Error {}

const STATEMENT_KEYS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/**
 * Reads a policy document. Throws PolicyError, naming the statement, for anything the evaluator does
 * not implement: an operator or key skipped in silence would grant (in an Allow) or fail to forbid.
 *
 * A `trust` document names principals and no resource; `identity` and `session` documents the reverse.
 */
export function parsePolicy(document: unknown, kind: "identity" | "session" | "trust"): Policy {
  if (!isObject(document)) throw new PolicyError("a policy document must be an object");
  for (const key of Object.keys(document)) {
    if (!["Version", "Id", "Statement"].includes(key))
      throw new PolicyError(`unknown element ${key}`);
  }
  // The older version reads `${…}` as plain text: a document of it would mean something else here.
  if (document["Version"] !== "2012-10-17") throw new PolicyError("Version must be 2012-10-17");
  const written: unknown = document["Statement"];
  const statements: unknown[] = Array.isArray(written) ? written : [written];
  if (statements.length === 0) throw new PolicyError("no statement");
  const sids = new Set<unknown>();
  return {
    statements: statements.map((statement, i) => {
      try {
        const parsed = parseStatement(statement, kind);
        checkSid(isObject(statement) ? statement["Sid"] : undefined, sids);
        return parsed;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new PolicyError(`Statement ${i}: ${reason}`, { cause: error });
      }
    }),
  };
}

/** What a set of policies of one kind says. An explicit deny anywhere in it wins. */
export function evaluate(policies: readonly Policy[], request: PolicyRequest): Effect {
  const matching = policies
    .flatMap(({ statements }) => statements)
    .filter((statement) => statementMatches(statement, request));
  return effectOf(matching);
}

/** The same for a role's trust policy, in which a statement also has to name the caller. */
export function evaluateTrust(
  policy: Policy,
  caller: TrustedCaller,
  request: Omit<PolicyRequest, "resource">,
): Effect {
  const matching = policy.statements.filter(
    (statement) =>
      namesCaller(statement.principals ?? [], caller) &&
      statementMatches(statement, { ...request, resource: "*" }),
  );
  return effectOf(matching);
}

/** The keys of conditions on which a request depends, in statements that are about it, and which it lacks. */
export function missingKeys(policies: readonly Policy[], request: PolicyRequest): string[] {
  const about = policies
    .flatMap(({ statements }) => statements)
    .filter((statement) => isAbout(statement, request));
  const keys = about.flatMap(({ conditions }) => conditions.map(({ key }) => key));
  return [...new Set(keys)].filter((key) => request.context[key] === undefined);
}

function effectOf(matching: Statement[]): Effect {
  if (matching.some(({ effect }) => effect === "Deny")) return "explicit-deny";
  return matching.length > 0 ? "allow" : "no-match";
}

function statementMatches(statement: Statement, request: PolicyRequest): boolean {
  const { context } = request;
  if (!isAbout(statement, request)) return false;
  return statement.conditions.every((condition) => {
    const variableOf = variablesFrom(context, {
      emptyIsText: statement.effect === "Deny" && !condition.negated,
    });
    // `StringNotEquals: ${aws:PrincipalTag/x}` without that tag is true of everything. What that may
    // forbid is IAM's business; it must not grant.
    const unresolved = condition.variables.some((key) => variableOf(key) === undefined);
    if (unresolved && statement.effect === "Allow") return false;
    return conditionHolds(condition, context, variableOf);
  });
}

/** Whether a statement is about an action on a resource, whatever its conditions. */
function isAbout(statement: Statement, { action, resource, context }: PolicyRequest): boolean {
  const lowerAction = action.toLowerCase();
  const actionNamed = statement.actions.some((p) =>
    matchesPattern(p, lowerAction, () => undefined),
  );
  return actionNamed !== statement.notActions && resourceMatches(statement, resource, context);
}

/**
 * Whether a statement is about a resource. AWS lets a `*` at the end of one part of an ARN reach over colons
 * into the next and does not say exactly when. Here it reaches wherever that takes access away, and nowhere
 * that it would give any: `arn:aws:ecs:us-*:…` allows in no other account.
 */
function resourceMatches(
  { effect, resources, notResources }: Statement,
  resource: string,
  context: RequestContext,
): boolean {
  const namingForbids = (effect === "Deny") !== notResources;
  const variableOf = variablesFrom(context, { emptyIsText: effect === "Deny" && !notResources });
  // In an Allow of what is not named, a pattern that names nothing would grant everything.
  const unresolved = resources.some(({ whole }) =>
    variablesIn(whole).some((key) => variableOf(key) === undefined),
  );
  if (unresolved && effect === "Allow" && notResources) return false;
  const named = resources.some((pattern) =>
    namingForbids
      ? matchesPattern(pattern.whole, resource, variableOf)
      : matchesArn(pattern, resource, variableOf),
  );
  return named !== notResources;
}

function parseStatement(written: unknown, kind: "identity" | "session" | "trust"): Statement {
  if (!isObject(written)) throw new PolicyError("must be an object");
  for (const key of Object.keys(written)) {
    if (!STATEMENT_KEYS.has(key)) throw new PolicyError(`unsupported element ${key}`);
  }
  const { Effect: effect, Action, NotAction, Resource, NotResource, Principal } = written;
  if (effect !== "Allow" && effect !== "Deny") throw new PolicyError("Effect: Allow or Deny");
  if ((Action === undefined) === (NotAction === undefined)) {
    throw new PolicyError("needs either Action or NotAction");
  }
  const actions = texts(Action ?? NotAction, "Action").map((action) => {
    if (action !== "*" && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/i.test(action)) {
      throw new PolicyError(`not an action: ${action}`);
    }
    return parsePattern(action.toLowerCase(), { wildcards: true });
  });

  if (kind === "trust") {
    if (Resource !== undefined || NotResource !== undefined) {
      throw new PolicyError("a trust policy names no resource");
    }
    if (Principal === undefined) throw new PolicyError("a trust policy names a Principal");
  } else {
    if (Principal !== undefined) throw new PolicyError(`${kind} policies name no Principal`);
    if ((Resource === undefined) === (NotResource === undefined)) {
      throw new PolicyError("needs either Resource or NotResource");
    }
  }
  const resources = kind === "trust" ? ["*"] : texts(Resource ?? NotResource, "Resource");
  return {
    effect,
    ...(Principal === undefined ? {} : { principals: parsePrincipals(Principal) }),
    actions,
    notActions: NotAction !== undefined,
    resources: resources.map(parseResource),
    notResources: NotResource !== undefined,
    conditions: parseConditions(written["Condition"]),
  };
}

function parseResource(resource: string): ArnPattern {
  const pattern = parseArnPattern(resource);
  // One variable for a whole ARN is a value of a condition, not a resource.
  if (pattern.components === undefined && resource !== "*") {
    throw new PolicyError(`not an ARN: ${resource}`);
  }
  return pattern;
}

function checkSid(sid: unknown, seen: Set<unknown>): void {
  if (sid === undefined) return;
  if (typeof sid !== "string" || !/^[A-Za-z0-9]+$/.test(sid)) {
    throw new PolicyError("Sid: letters and digits");
  }
  if (seen.has(sid)) throw new PolicyError(`Sid ${sid} is given twice`);
  seen.add(sid);
}
