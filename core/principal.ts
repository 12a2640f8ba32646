import type { EpochMillis } from "./clock.ts";

/** Who calls: as IAM knows them, or as the issuer of their token does. */
export type Principal = IamPrincipal | TokenPrincipal;

/**
 * Who signed a call, as IAM knows them. `session` is chosen by whoever assumed the role: it says nothing
 * about them unless the deployment trusts the role, and is shown as unproven.
 */
export interface IamPrincipal {
  account: string;
  /** `AIDA…` of a user or `AROA…` of a role. A role made anew under its old name has another. */
  uniqueId: string;
  session?: string;
  /** Put together from the parts above and the name IAM gave: for people to read, never to compare. */
  arn: string;
  /** `<account>:<uniqueId>`, what caches and limits go by. */
  key: string;
}

/** Whom a verified token is about. Neither name nor address is looked at: both can become another's. */
export interface TokenPrincipal {
  issuer: string;
  subject: string;
  /** Whether the issuer speaks of people or of programs: by its tokens, nobody is the other. */
  about: "person" | "program";
  /** By the claim that the deployment names; undefined where the token does not have it. */
  groups: string[] | undefined;
  /** When its issuer made it. */
  issuedAt: EpochMillis;
  /** `oidc:<issuer>#<subject>` */
  key: string;
}

/** An issuer is a URL without `#`, so that no two pairs have one key; no account begins with a letter. */
export function tokenKey(issuer: string, subject: string): string {
  return `oidc:${issuer}#${subject}`;
}

/** `<account>:<unique id>[:<session>]` or `oidc:<issuer>#<subject>`: how events name who called. */
export function principalText(principal: Principal): string {
  if ("issuer" in principal) return principal.key;
  return principal.session === undefined ? principal.key : `${principal.key}:${principal.session}`;
}

/** Who is meant by such a text. */
export function namedBy(text: string): PrincipalName {
  const [, issuer, subject] = /^oidc:([^#]*)#(.*)$/s.exec(text) ?? [];
  if (issuer !== undefined && subject !== undefined) return { issuer, subject };
  const [account = "", uniqueId = "", session] = text.split(":");
  return session === undefined ? { account, uniqueId } : { account, uniqueId, session };
}

/** As much of a principal as says whose it is. */
export type PrincipalName =
  | Pick<IamPrincipal, "account" | "uniqueId" | "session">
  | Pick<TokenPrincipal, "issuer" | "subject">;

export type ReadPrincipal =
  | { kind: "principal"; principal: IamPrincipal }
  | {
      kind: "refused";
      why: "root" | "federated_user" | "cognito" | "unreadable";
      /** The same in words. */
      detail: string;
    };

/** `requestContext.authorizer.iam` of API Gateway's HTTP API. Nothing of it is taken for granted. */
export interface IamIdentity {
  accountId?: unknown;
  userArn?: unknown;
  userId?: unknown;
  cognitoIdentity?: unknown;
}

const ACCOUNT = /^[0-9]{12}$/;
const USER = /^AIDA[A-Z0-9]{12,28}$/;
/** STS's own pattern for a session name; a role id and a session name hold no colon. */
const ROLE_SESSION = /^(AROA[A-Z0-9]{12,28}):([\w+=,.@-]{2,64})$/;
const ARN =
  /^arn:(aws(?:-[a-z]+)*):(?:iam|sts)::[0-9]{12}:(user|assumed-role)\/([\w+=,.@/-]{1,600})$/;
const NAME = /^[\w+=,.@-]{1,64}$/;

/**
 * Reads who signed a call. A user and a session of a role are principals, and nobody else is: the root
 * user, federated users and Cognito identities are refused, since all who use them look alike, and so is
 * whatever is not understood or does not agree with itself.
 */
export function principalOf(iam: IamIdentity): ReadPrincipal {
  const refused = (why: (ReadPrincipal & { kind: "refused" })["why"], detail: string) =>
    ({ kind: "refused", why, detail }) as const;
  const unreadable = (what: string) => refused("unreadable", `the caller's ${what}`);

  if (iam.cognitoIdentity !== null && iam.cognitoIdentity !== undefined) {
    return refused("cognito", "Cognito identities share one role and one session name");
  }
  const { accountId: account, userArn, userId } = iam;
  if (typeof account !== "string" || !ACCOUNT.test(account)) {
    return unreadable("account is no account id");
  }
  if (typeof userArn !== "string" || typeof userId !== "string") {
    return unreadable("ARN or id is missing");
  }
  if (/^arn:[^:]*:iam::[^:]*:root$/.test(userArn) || userId === account) {
    return refused("root", "the account's root user is nobody in particular");
  }
  if (/^arn:[^:]*:sts::[^:]*:federated-user\//.test(userArn)) {
    return refused("federated_user", "the name of a federated user is chosen by whoever made it");
  }

  const [, partition = "", kind, path = ""] = ARN.exec(userArn) ?? [];
  if (kind === undefined) return unreadable("ARN is neither a user's nor a role session's");
  const key = (uniqueId: string): string => `${account}:${uniqueId}`;
  const names = path.split("/");
  if (!names.every((name) => NAME.test(name)))
    return unreadable("ARN holds a name that IAM has not");

  if (kind === "user") {
    if (!USER.test(userId)) return unreadable("id is not a user's");
    const arn = `arn:${partition}:iam::${account}:user/${path}`;
    if (arn !== userArn) return unreadable("ARN is not a user's of the caller's account");
    return { kind: "principal", principal: { account, uniqueId: userId, arn, key: key(userId) } };
  }
  const [, uniqueId = "", session = ""] = ROLE_SESSION.exec(userId) ?? [];
  if (uniqueId === "") return unreadable("id is not a role session's");
  const [role = "", named, ...more] = names;
  const arn = `arn:${partition}:sts::${account}:assumed-role/${role}/${session}`;
  if (named !== session || more.length > 0 || arn !== userArn) {
    return unreadable("ARN and id name different accounts or sessions");
  }
  return { kind: "principal", principal: { account, uniqueId, session, arn, key: key(uniqueId) } };
}
