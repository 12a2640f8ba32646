import type { EpochMillis } from "./clock.ts";

/** An issuer of tokens that a deployment takes, and what a token of it has to be. */
export interface Issuer {
  /** Of the deployment: part of the path its tokens come by. */
  name: string;
  /** `iss`, letter by letter. */
  issuer: string;
  /** One of `aud`. */
  audience: string;
  /** Whom it speaks of. */
  kind: "people" | "programs";
  /** The claim that names groups, as a list. */
  groupsClaim?: string | undefined;
  /** `typ` in the token's header, such as `at+jwt`. */
  tokenType?: string | undefined;
  /** The claim `token_use`, such as `access`. */
  tokenUse?: string | undefined;
  /** One of `scope` or `scp`. */
  scope?: string | undefined;
  /** How long ago its person may have signed in to approve, open or break the glass. */
  maxAuthAgeMinutes?: number | undefined;
}

/** What a verified token says, as far as anything goes by it. */
export interface VerifiedToken {
  subject: string;
  /** Undefined where it has no such claim, or not as a list of texts. */
  groups: string[] | undefined;
  issuedAt: EpochMillis;
  /** `auth_time`, where it says so: when its person last signed in. */
  signedInAt: EpochMillis | undefined;
}

/** Tokens, verified by whoever is to believe them. */
export interface Tokens {
  /**
   * Verifies a token against its issuer's published keys and all that the issuer's configuration asks of it. Throws
   * `token_invalid`, `token_expired`, and `issuer_unavailable` where the keys cannot be read: it is not believed then.
   */
  verify(token: string, issuer: Issuer): Promise<VerifiedToken>;
}
