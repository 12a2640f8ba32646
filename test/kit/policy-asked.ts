import type { PolicyStatement } from "../../core/policy-document.ts";

export const eventsTableArn = "arn:aws:dynamodb:us-east-1:111122223333:table/events";

/** An item's put as IAM sees it: the leading key, and every attribute the request names. */
export interface Asked {
  action: string;
  resource: string;
  leadingKeys?: string[];
  attributes?: string[];
}

/** The few operators these documents use, as IAM defines them; any other fails the test. */
export function allows(statement: PolicyStatement, asked: Asked): boolean {
  const values: { [key: string]: string[] | undefined } = {
    "dynamodb:LeadingKeys": asked.leadingKeys,
    "dynamodb:Attributes": asked.attributes,
  };
  if (!statement.Action.includes(asked.action)) return false;
  if (!(statement.Resource ?? []).some((pattern) => like(pattern, asked.resource))) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, operands]) => {
      const found = values[key] ?? [];
      const wanted = [operands].flat();
      if (operator === "Null") return wanted[0] === String(found.length === 0);
      if (operator === "ForAllValues:StringEquals") return found.every((v) => wanted.includes(v));
      if (operator === "ForAllValues:StringLike") {
        return found.every((v) => wanted.some((pattern) => like(pattern, v)));
      }
      throw new TypeError(`no such operator here: ${operator}`);
    }),
  );
}

function like(pattern: string, text: string): boolean {
  return pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}

/** Of an item of the record, with these attributes beside its keys. */
export const putting = (chain: string, ...attributes: string[]): Asked => ({
  action: "dynamodb:PutItem",
  resource: eventsTableArn,
  leadingKeys: [chain],
  attributes: ["pk", "sk", ...attributes],
});
