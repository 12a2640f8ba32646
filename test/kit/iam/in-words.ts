import type { Policy, Statement, TemplatePolicies } from "./template-policies.ts";

/*
 * Policies as a person reads them in a review: who, may or may not, what, on what, if what. One paragraph a statement,
 * and nothing left out.
 */

/** How a condition's operator reads, before the key and between it and its values. */
const operators: { [operator: string]: [before: string, between: string] } = {
  StringEquals: ["", "is"],
  StringLike: ["", "is like"],
  StringNotLike: ["", "is not like"],
  ArnEquals: ["", "is"],
  ArnLike: ["", "is like"],
  ArnNotEquals: ["", "is none of"],
  ArnNotLike: ["", "is like none of"],
  NumericLessThan: ["", "is less than"],
  Bool: ["", "is"],
  "ForAllValues:StringEquals": ["each of ", "is one of"],
  "ForAllValues:StringLike": ["each of ", "is like one of"],
};

const MEMBERS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** What one role, resource or output grants, a paragraph each statement. */
export interface Told {
  title: string;
  statements: string[];
}

/** Roles by name, then what resources say, then what the outputs hand over. */
export function inWords({ roles, resources, outputs }: TemplatePolicies): Told[] {
  const byName = <T extends { name: string; account: string }>(a: T, b: T): number =>
    `${a.name} ${a.account}` < `${b.name} ${b.account}` ? -1 : 1;
  const byTitle = (a: Told, b: Told): number => (a.title < b.title ? -1 : 1);
  return [
    ...roles.toSorted(byName).map(({ name, account, trust, policies }) => ({
      title: `The role ${name} of ${account}`,
      statements: [
        ...trust.map((one) => statementInWords(one, "assumed by")),
        ...policies.flatMap(policyInWords),
      ],
    })),
    ...resources
      .map(({ of, statements }) => ({
        title: `What ${of} says itself`,
        statements: statements.map((one) => statementInWords(one, "by")),
      }))
      .toSorted(byTitle),
    ...outputs
      .map((policy) => ({
        title: `The output ${policy.name}, for others to attach`,
        statements: policyInWords(policy),
      }))
      .toSorted(byTitle),
  ];
}

function policyInWords({ statements }: Policy): string[] {
  return statements.map((one) => statementInWords(one, "by"));
}

/** `by`: how whoever is named comes into it. */
function statementInWords(statement: Statement, by: string): string {
  const { Sid: sid, Effect: effect, Action: actions, Principal: principal } = statement;
  const { Resource: resources = [], Condition: conditions = {} } = statement;
  const { NotAction: notActions = [], NotResource: notResources = [] } = statement;
  const unread = Object.keys(statement).filter((member) => !MEMBERS.has(member));
  if (unread.length > 0)
    throw new Error(`a statement says ${unread.join(", ")}, with no words for it`);
  const named =
    principal === undefined
      ? []
      : principal === "*"
        ? ["anybody"]
        : Object.values(principal)
            .flat()
            .map((one) => (one === "*" ? "anybody" : one));
  return [
    `  ${effect === "Allow" ? "may" : "may not"}${sid === undefined ? "" : ` (${sid})`}`,
    ...lines(actions.toSorted()),
    ...lines(notActions.length === 0 ? [] : [`anything but ${notActions.join(", ")}`]),
    ...lines(notResources.length === 0 ? [] : [`on anything but ${notResources.join(", ")}`]),
    ...lines(resources.map((resource) => `on ${resource === "*" ? "anything" : resource}`)),
    ...lines(named.map((one) => `${by} ${one}`)),
    ...lines(
      Object.entries(conditions).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, values]) =>
          conditionInWords(operator, key, [values].flat()),
        ),
      ),
    ),
  ].join("\n");
}

function conditionInWords(operator: string, key: string, values: string[]): string {
  if (operator === "Null") return `if ${key} is ${values[0] === "false" ? "there" : "not there"}`;
  const [before, between] = operators[operator] ?? ["", operator];
  return `if ${before}${key} ${between} ${values.join(", ")}`;
}

function lines(texts: string[]): string[] {
  return texts.map((text) => `    ${text}`);
}
