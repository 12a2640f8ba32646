import { isObject } from "../json.ts";
import { texts } from "./texts.ts";

/** Those a trust policy names, by the kind IAM gives them: `AWS`, `Service`, `Federated`, or `*`. */
export interface Principals {
  kind: string;
  values: string[];
}

/** Who asks a role to be assumed, as a trust policy can name them. */
export interface TrustedCaller {
  account: string;
  /** The caller's own ARN: a user, or an assumed-role session. */
  arn: string;
  /** The role behind a session. */
  roleArn?: string;
}

/** A Principal that names nobody this evaluator could recognize; `message` says why. */
export class PrincipalError extends Error {}

/**
 * An account, a user, a role or a session of one. Groups, services' sessions and patterns are none: of
 * wildcards IAM takes `*` alone, and in a Principal it knows no variables.
 */
const AWS_PRINCIPAL =
  /^(?:\*|\d{12}|arn:aws:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)|arn:aws:sts::\d{12}:assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+)$/;

/** Reads the Principal of a trust policy. Throws PrincipalError, also where it names nobody at all. */
export function parsePrincipals(written: unknown): Principals[] {
  if (written === "*") return [{ kind: "*", values: [] }];
  if (!isObject(written)) throw new PrincipalError("Principal: * or an object");
  if (Object.keys(written).length === 0) throw new PrincipalError("Principal names nobody");
  return Object.entries(written).map(([kind, list]) => {
    if (!["AWS", "Service", "Federated"].includes(kind)) {
      throw new PrincipalError(`unsupported Principal ${kind}`);
    }
    const values = texts(list, "Principal");
    const unknown = kind === "AWS" && values.find((value) => !AWS_PRINCIPAL.test(value));
    if (typeof unknown === "string") {
      throw new PrincipalError(`unsupported AWS principal ${unknown}`);
    }
    return { kind, values };
  });
}

/**
 * Whether the caller is one of those named. An account, written as its number or as its root, stands for
 * everybody in it whom their own policies let assume the role: those are always asked as well.
 */
export function namesCaller(principals: readonly Principals[], caller: TrustedCaller): boolean {
  return principals.some(({ kind, values }) => {
    if (kind === "*") return true;
    // `Service` and `Federated` name nobody who signs with keys of this emulator.
    if (kind !== "AWS") return false;
    return values.some(
      (value) =>
        value === "*" ||
        value === caller.account ||
        value === `arn:aws:iam::${caller.account}:root` ||
        value === caller.arn ||
        value === caller.roleArn,
    );
  });
}
