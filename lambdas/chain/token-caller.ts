import type { Door } from "../../api/doors.ts";
import { SallyportError } from "../../core/errors.ts";
import { type TokenPrincipal, tokenKey } from "../../core/principal.ts";
import type { Issuer } from "../../core/token.ts";
import type { CommonPorts } from "../ports.ts";

/** Who called with a token, and how fresh their sign-in has to be. */
export interface TokenCaller {
  principal: TokenPrincipal;
  signIn: SignIn | undefined;
}

/** Of an issuer that limits it: when its person signed in, where the token says so. */
export interface SignIn {
  at: number | undefined;
  maxAgeMs: number;
}

/** Scheme and token, once: two headers of one name arrive as one, with a comma. */
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*)$/i;

/**
 * Who calls by a door of tokens: whom the token in the Authorization header is about, verified here once more. API
 * Gateway's authorizer has to have let it through, and to mean the same subject; what it makes of other claims is not
 * read, for there a list is a text in brackets. Throws `token_invalid`, `token_expired` or `issuer_unavailable`.
 */
export async function tokenCaller(
  door: Door & { kind: "token" },
  authorized: unknown,
  authorization: string | undefined,
  { tokens, deployment }: Pick<CommonPorts, "tokens" | "deployment">,
): Promise<TokenCaller> {
  const issuer = deployment.issuers.find(({ name }) => name === door.issuer);
  if (issuer === undefined) throw new TypeError(`no issuer ${door.issuer} is configured`);
  const token = BEARER.exec(authorization ?? "")?.[1];
  if (token === undefined) {
    throw refused("the Authorization header holds no one token", "send `Authorization: Bearer …`");
  }
  const verified = await tokens.verify(token, issuer);
  const { iss, sub } = claimsOf(authorized);
  if (iss !== issuer.issuer || sub !== verified.subject) {
    throw refused("the token is not the one that API Gateway let through", undefined);
  }
  return {
    principal: {
      issuer: issuer.issuer,
      subject: verified.subject,
      about: issuer.kind === "people" ? "person" : "program",
      groups: verified.groups,
      issuedAt: verified.issuedAt,
      key: tokenKey(issuer.issuer, verified.subject),
    },
    signIn: signInOf(issuer, verified.signedInAt),
  };
}

function signInOf({ maxAuthAgeMinutes }: Issuer, at: number | undefined): SignIn | undefined {
  return maxAuthAgeMinutes === undefined ? undefined : { at, maxAgeMs: maxAuthAgeMinutes * 60_000 };
}

function claimsOf(authorized: unknown): { iss?: unknown; sub?: unknown } {
  if (typeof authorized !== "object" || authorized === null) return {};
  const { claims } = authorized as { claims?: unknown };
  return typeof claims === "object" && claims !== null ? claims : {};
}

function refused(what: string, hint: string | undefined): SallyportError {
  return new SallyportError("token_invalid", what, hint === undefined ? {} : { hint });
}
