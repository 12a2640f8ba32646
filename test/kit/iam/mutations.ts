import { serviceMadeBy } from "./service-made.ts";
import type { Statement, TemplatePolicies } from "./template-policies.ts";

/*
 * Policies with one thing changed: a grant less, or one that reaches further. A test that does not see each of these
 * would not see it in the code either.
 */

export interface Mutation {
  what: string;
  policies: TemplatePolicies;
  /** Whose requests it can change the answer to: the role that asks, or the ARN of what is asked for. */
  role?: string;
  resource?: string;
  actions: string[];
}

interface Place {
  /** A path to the list of statements, in a copy. */
  statements(policies: TemplatePolicies): Statement[];
  name: string;
  role?: string;
  resource?: string;
}

/** Where statements stand that our own calls are judged by. */
function places({ roles, resources }: TemplatePolicies): Place[] {
  return [
    ...roles.flatMap((role, i) => [
      ...role.policies.map(({ name }, j) => ({
        name: `${role.name}, ${name}`,
        role: role.name,
        statements: (of: TemplatePolicies) => of.roles[i]?.policies[j]?.statements ?? [],
      })),
      {
        name: `the trust of ${role.name}`,
        resource: role.arn,
        statements: (of: TemplatePolicies) => of.roles[i]?.trust ?? [],
      },
    ]),
    ...resources.flatMap(({ type, of }, i) =>
      type === "AWS::DynamoDB::GlobalTable"
        ? [
            {
              name: `the policy of ${of}`,
              resource: of,
              statements: (policies: TemplatePolicies) => policies.resources[i]?.statements ?? [],
            },
          ]
        : [],
    ),
  ];
}

/** A change of one statement, in a copy. An empty answer takes the statement away. */
type Change = { what: string; to: Statement | undefined; actions?: string[] };

function changed(
  policies: TemplatePolicies,
  changes: (statement: Statement, place: Place) => Change[],
): Mutation[] {
  return places(policies).flatMap((place) =>
    place.statements(policies).flatMap((statement, i) =>
      changes(statement, place).map(({ what, to, actions = statement.Action }) => {
        const copy = structuredClone(policies);
        place.statements(copy).splice(i, 1, ...(to === undefined ? [] : [to]));
        return {
          what: `${place.name}, ${statement.Sid ?? statement.Action.join("+")}: ${what}`,
          policies: copy,
          ...(place.role === undefined ? {} : { role: place.role }),
          ...(place.resource === undefined ? {} : { resource: place.resource }),
          actions,
        };
      }),
    ),
  );
}

const isList = (value: string | string[]): value is string[] =>
  Array.isArray(value) && value.length > 1;

/** Whether a statement is for AWS's own services alone. */
export function isOfServices({ Principal: principal }: Statement): boolean {
  return (
    typeof principal === "object" && Object.keys(principal).every((kind) => kind === "Service")
  );
}

/** Each with one grant less: a statement, an action, a resource, a principal, or one value that a condition takes. */
export function narrowed(policies: TemplatePolicies): Mutation[] {
  return changed(policies, (statement, { role = "" }) => {
    const { Action: actions, Resource: resources = [], Condition: conditions = {} } = statement;
    const isAws = (action: string) => serviceMadeBy(role, statement, action) !== undefined;
    if (isOfServices(statement) || actions.every(isAws)) return [];
    const without = (list: string[], one: string) => list.filter((other) => other !== one);
    const operands = Object.entries(conditions).flatMap(([operator, keys]) =>
      Object.entries(keys).flatMap(([key, values]) =>
        isList(values)
          ? values.map((value) => ({
              what: `without ${value} of ${operator} ${key}`,
              to: {
                ...statement,
                Condition: {
                  ...conditions,
                  [operator]: { ...keys, [key]: without(values, value) },
                },
              },
            }))
          : [],
      ),
    );
    // A deny with less is no grant less; what it excepts is one.
    if (statement.Effect === "Deny") return operands;
    const named = (statement.Principal ?? {}) as { AWS?: string | string[] };
    const principals = [named.AWS ?? []].flat();
    return [
      { what: "gone", to: undefined },
      ...(isList(actions) ? actions : []).map((action) => ({
        what: `without ${action}`,
        to: { ...statement, Action: without(actions, action) },
        actions: [action],
      })),
      ...(isList(resources) ? resources : []).map((resource) => ({
        what: `without ${resource}`,
        to: { ...statement, Resource: without(resources, resource) },
      })),
      ...(isList(principals) ? principals : []).map((principal) => ({
        what: `without ${principal}`,
        to: { ...statement, Principal: { AWS: without(principals, principal) } },
      })),
      ...operands,
    ];
  });
}

/** Each with one thing that reaches further: a wildcard, or a condition less; of a deny, one denied thing less. */
export function widened(policies: TemplatePolicies): Mutation[] {
  return changed(policies, (statement) => {
    const { Action: actions, Resource: resources = [], Condition: conditions = {} } = statement;
    if (isOfServices(statement)) return [];
    const edit = (operator: string, keys: { [key: string]: string | string[] }): Statement => {
      const { [operator]: _, ...others } = conditions;
      const left = Object.keys(keys).length === 0 ? others : { ...others, [operator]: keys };
      const { Condition: __, ...bare } = statement;
      return Object.keys(left).length === 0 ? bare : { ...bare, Condition: left };
    };
    const patterns = Object.entries(conditions).flatMap(([operator, keys]) => {
      if (!/(?:Like|ArnEquals|ArnNotEquals)$/.test(operator)) return [];
      // Whoever is like anything is left out: of a deny that is less, of a grant too.
      if (operator.includes("NotLike") && statement.Effect === "Allow") return [];
      const any = operator.startsWith("Arn") ? "arn:*:*:*:*:*" : "*";
      return Object.entries(keys).flatMap(([key, values]) =>
        [values].flat().map((value) => ({
          what: `${any} in place of ${value} of ${operator} ${key}`,
          to: edit(operator, {
            ...keys,
            [key]: [values].flat().map((other) => (other === value ? any : other)),
          }),
        })),
      );
    });
    if (statement.Effect === "Deny") {
      return [
        { what: "gone", to: undefined },
        ...actions
          .map((action) => ({
            what: `without ${action}`,
            to: { ...statement, Action: actions.filter((other) => other !== action) },
            actions: [action],
          }))
          .filter(({ to }) => to.Action.length > 0),
        ...patterns.filter(({ what }) => what.includes("Not")),
      ];
    }
    return [
      ...actions
        .filter((action) => !action.includes("*"))
        .map((action) => {
          const any = `${action.split(":")[0]}:*`;
          return {
            what: `${any} in place of ${action}`,
            to: { ...statement, Action: actions.map((other) => (other === action ? any : other)) },
            actions: [any],
          };
        }),
      ...resources
        .filter((resource) => resource !== "*")
        .map((resource) => ({
          what: `* in place of ${resource}`,
          to: {
            ...statement,
            Resource: resources.map((other) => (other === resource ? "*" : other)),
          },
        })),
      ...(statement.Principal === undefined
        ? []
        : [{ what: "for anybody", to: { ...statement, Principal: "*" as const } }]),
      ...Object.entries(conditions).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => {
          const { [key]: _, ...others } = keys;
          return { what: `without ${operator} ${key}`, to: edit(operator, others) };
        }),
      ),
      ...patterns,
    ];
  });
}
