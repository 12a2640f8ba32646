import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Clock } from "../core/clock.ts";
import { SallyportError } from "../core/errors.ts";
import type { Issuer, Tokens } from "../core/token.ts";
import { type PublishedKeysSettings, publishedKeys } from "./published-keys.ts";

/** By keys that only the issuer has: none is not signed, and HS256 is signed by whoever verifies. */
const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
/** How far an issuer's clock may be from ours. */
const TOLERANCE_SECONDS = 5;
/** What a front door lets through as a header. */
const MOST_CHARACTERS = 10_240;
const SUBJECT = /^[\x21-\x7e]{1,255}$/;
const MOST_GROUPS = 1_000;

/** Tokens, verified with jose by the keys their issuers publish. */
export function joseTokens(
  settings: PublishedKeysSettings & { clock: Pick<Clock, "now"> },
): Tokens {
  const keysOf = publishedKeys(settings);
  return {
    async verify(token, issuer) {
      if (token.length > MOST_CHARACTERS) throw invalid("it is too long");
      const now = settings.clock.now();
      const payload = await verified(token, issuer, keysOf, now);
      const { sub = "", iat = 0 } = payload;
      if (!SUBJECT.test(sub)) throw invalid("its subject is none that can be on record");
      if (iat * 1_000 > now + TOLERANCE_SECONDS * 1_000) throw invalid("it was made in the future");
      if (issuer.tokenUse !== undefined && payload["token_use"] !== issuer.tokenUse) {
        throw invalid("it is of another use");
      }
      if (issuer.scope !== undefined && !scopesOf(payload).includes(issuer.scope)) {
        throw invalid("it lacks the scope");
      }
      const { auth_time: signedIn } = payload;
      return {
        subject: sub,
        groups: groupsOf(payload, issuer.groupsClaim),
        issuedAt: iat * 1_000,
        signedInAt: typeof signedIn === "number" ? signedIn * 1_000 : undefined,
      };
    },
  };
}

async function verified(
  token: string,
  { issuer, audience, tokenType }: Issuer,
  keysOf: ReturnType<typeof publishedKeys>,
  now: number,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keysOf(issuer), {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ["sub", "exp", "iat"],
      currentDate: new Date(now),
      clockTolerance: TOLERANCE_SECONDS,
      ...(tokenType === undefined ? {} : { typ: tokenType }),
    });
    return payload;
  } catch (error) {
    if (error instanceof SallyportError) throw error;
    if (error instanceof errors.JWTExpired) {
      throw new SallyportError("token_expired", "the token has expired", {
        hint: "get a new one from its issuer, then send the call again",
      });
    }
    throw invalid(whyNot(error), error);
  }
}

/** In words of ours, which hold nothing of the token. */
function whyNot(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.reason === "missing"
      ? `it has no ${error.claim}`
      : `its ${error.claim} is not what it has to be`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return `it is signed otherwise than by ${ALGORITHMS.join(", ")}`;
  }
  return error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey
    ? "it is not signed by a key of its issuer"
    : "it is no signed token";
}

function scopesOf({ scope, scp }: JWTPayload): unknown[] {
  return [scope, scp].flatMap((scopes) =>
    typeof scopes === "string" ? scopes.split(" ") : Array.isArray(scopes) ? scopes : [],
  );
}

/** A list of texts, each one group whatever is in it; anything else does not say in which groups somebody is. */
function groupsOf(payload: JWTPayload, claim: string | undefined): string[] | undefined {
  if (claim === undefined || !Object.hasOwn(payload, claim)) return undefined;
  const groups = payload[claim];
  const areGroups =
    Array.isArray(groups) &&
    groups.length <= MOST_GROUPS &&
    groups.every((group): group is string => typeof group === "string");
  return areGroups ? groups : undefined;
}

function invalid(why: string, cause?: unknown): SallyportError {
  return new SallyportError(
    "token_invalid",
    `the token is not accepted: ${why}`,
    {
      hint: "get a token of the configured issuer for this gateway; docs/errors.md says what it has to be",
    },
    cause,
  );
}
