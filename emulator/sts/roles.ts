import { type Policy, type PolicyDocument, parsePolicy } from "../iam/policy.ts";

/** A role that can be assumed. */
export interface RoleDescription {
  arn: string;
  /** `AROA…` */
  roleId: string;
  trust: PolicyDocument;
  permissions: PolicyDocument[];
  /** Longest session, in seconds; one hour where absent, as in IAM. */
  maxSessionSeconds?: number;
}

export interface Role {
  arn: string;
  account: string;
  /** The last part of the ARN: STS ARNs carry no path. */
  name: string;
  roleId: string;
  trust: Policy;
  permissions: Policy[];
  maxSessionSeconds: number;
}

export type Roles = ReadonlyMap<string, Role>;

/**
 * Reads the roles. Throws PolicyError for a document the evaluator cannot judge in full, TypeError for an ARN
 * that is no role's or is given twice.
 */
export function readRoles(descriptions: readonly RoleDescription[]): Roles {
  const arns = new Set(descriptions.map(({ arn }) => arn));
  if (arns.size !== descriptions.length) throw new TypeError("two roles share an ARN");
  return new Map(
    descriptions.map((role): [string, Role] => {
      const match = /^arn:aws:iam::(\d{12}):role\/(?:.+\/)?([\w+=,.@-]{1,64})$/.exec(role.arn);
      if (match === null) throw new TypeError(`not the ARN of a role: ${role.arn}`);
      const [, account = "", name = ""] = match;
      return [
        role.arn,
        {
          arn: role.arn,
          account,
          name,
          roleId: role.roleId,
          trust: parsePolicy(role.trust, "trust"),
          permissions: role.permissions.map((document) => parsePolicy(document, "identity")),
          maxSessionSeconds: role.maxSessionSeconds ?? 3_600,
        },
      ];
    }),
  );
}
