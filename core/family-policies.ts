import type { Family } from "./event-kinds.ts";
import type { PolicyStatement } from "./policy-document.ts";

/*
 * Who may put what on the record. A family is pinned by the name of the attribute its leaf is stored under. That IAM
 * cannot see whether a Put carries its condition is why an overwrite is detected and not prevented.
 */

export type GatewayFunctionName =
  | "requests"
  | "decide"
  | "exec"
  | "projector"
  | "sweeper"
  | "watcher";

interface Writes {
  family: Family;
  /** IAM patterns of the partition key. */
  chains: string[];
  /** Where no event of the family says anything that may have to be erased. */
  hasOpen?: false;
}

/** Which families a function writes, and on which chains. */
export const familiesOf: { [F in GatewayFunctionName]: Writes[] } = {
  requests: [
    { family: "asked", chains: ["REQ#*", "REFUSED#*"] },
    { family: "read", chains: ["READ#*"], hasOpen: false },
  ],
  decide: [
    { family: "decided", chains: ["REQ#*", "REFUSED#*", "LOCK"] },
    { family: "broke", chains: ["REQ#*", "GLASS#*", "REVIEW#*"] },
    { family: "configured", chains: ["REQ#*", "CONF"] },
  ],
  exec: [
    // The route in AWS's shape asks and opens in one call.
    { family: "asked", chains: ["REQ#*"] },
    { family: "opened", chains: ["REQ#*", "REFUSED#*", "SLOT#*", "PERSON#*"] },
  ],
  projector: [],
  sweeper: [{ family: "swept", chains: ["REQ#*", "SLOT#*", "PERSON#*", "REFUSED#*", "WATCH#*"] }],
  watcher: [{ family: "watched", chains: ["WATCH#*"], hasOpen: false }],
};

/** To put items of these partitions with these attributes beside their keys, and nothing else. */
export function put(
  sid: string,
  table: string,
  partitions: string[],
  attributes: string[],
): PolicyStatement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: ["dynamodb:PutItem"],
    Resource: [table],
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions },
      "ForAllValues:StringEquals": { "dynamodb:Attributes": ["pk", "sk", ...attributes] },
      // A request without these keys would satisfy both of the above.
      Null: { "dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false" },
    },
  };
}

/** As a statement of its own, named after the family. */
export function putFamily(
  family: Family,
  sid: string,
  table: string,
  chains: string[],
  hasOpen = true,
): PolicyStatement {
  return put(`${sid}${family.charAt(0).toUpperCase()}${family.slice(1)}`, table, chains, [
    family,
    ...(hasOpen ? ["open"] : []),
  ]);
}
