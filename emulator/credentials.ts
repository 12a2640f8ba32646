import { type PolicyDocument, parsePolicy } from "./iam/policy.ts";
import type { Principal } from "./principal.ts";
import type { SigningSecret } from "./sigv4.ts";

/** Keys that exist from the start and do not expire. */
export interface Identity {
  accessKeyId: string;
  secretAccessKey: string;
  /** For a function's role: the ARN of its assumed-role session. */
  arn: string;
  /** For a function's role: the role itself, which is what trust policies name. */
  roleArn?: string;
  userId: string;
  account: string;
  policies: PolicyDocument[];
}

/** Temporary credentials as AssumeRole answers them. */
export interface IssuedCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** Every key that can sign. Owned by one emulator; temporary keys live until an hour past expiry. */
export interface Credentials {
  secretOf(accessKeyId: string): SigningSecret | undefined;
  principalOf(accessKeyId: string): Principal | undefined;
  /** Makes temporary keys for a session. `expiresAt` is set: a session without an end is a bug. */
  issue(
    session: Omit<Principal, "accessKeyId" | "since"> & { expiresAt: number },
  ): IssuedCredentials;
}

const REMEMBER_EXPIRED_MS = 3_600_000;

/** Throws PolicyError where an identity's policy holds something the evaluator cannot judge. */
export function createCredentials(
  identities: readonly Identity[],
  now: () => number,
  random: (n: number) => Uint8Array,
): Credentials {
  const known = new Map<string, { principal: Principal; secret: SigningSecret }>();
  for (const { secretAccessKey, policies, ...identity } of identities) {
    if (known.has(identity.accessKeyId)) throw new TypeError("two identities share an access key");
    const parsed = policies.map((policy) => parsePolicy(policy, "identity"));
    known.set(identity.accessKeyId, {
      principal: { ...identity, policies: parsed, tags: {}, since: now() },
      secret: { secretAccessKey },
    });
  }

  return {
    secretOf: (accessKeyId) => known.get(accessKeyId)?.secret,
    principalOf: (accessKeyId) => known.get(accessKeyId)?.principal,
    issue(session) {
      for (const [id, { principal }] of known) {
        // Expired keys are remembered a while, so that they are answered as expired and not as unknown.
        if ((principal.expiresAt ?? Infinity) + REMEMBER_EXPIRED_MS < now()) known.delete(id);
      }
      const accessKeyId = `ASIA${base32(random(16)).toUpperCase()}`;
      const secretAccessKey = Buffer.from(random(30)).toString("base64");
      const sessionToken = Buffer.from(random(96)).toString("base64");
      known.set(accessKeyId, {
        principal: { ...session, accessKeyId, since: now() },
        secret: { secretAccessKey, sessionToken },
      });
      return { accessKeyId, secretAccessKey, sessionToken };
    },
  };
}

/** One lower-case letter or digit 2–7 per byte: 5 of its 8 bits. */
export function base32(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => "abcdefghijklmnopqrstuvwxyz234567".charAt(byte & 31)).join("");
}
