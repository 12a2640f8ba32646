import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { joseTokens } from "../../adapters/jose-tokens.ts";
import type { PublishedKeysSettings } from "../../adapters/published-keys.ts";
import { SallyportError } from "../../core/errors.ts";
import type { Issuer } from "../../core/token.ts";
import {
  AUDIENCE,
  newKey,
  signedWithPublicKey,
  startTestIssuer,
  type TestIssuer,
  unsigned,
} from "../kit/issuer.ts";

/*
 * Tokens of an issuer over real HTTP. One issuer serves the file; what a test changes of it is put back.
 */

const test: TestIssuer = await startTestIssuer();
const other = newKey("first");
afterAll(() => test.close());
const [first] = test.published;
if (first === undefined) throw new Error("it publishes no key");
beforeEach(() => {
  test.published = [first];
  test.answersWith = undefined;
  test.asked = [];
});

const issuer: Issuer = { name: "corp", issuer: test.url, audience: AUDIENCE, kind: "people" };
const verifier = (settings: PublishedKeysSettings & { now?: () => number } = {}) =>
  joseTokens({ ...settings, clock: { now: settings.now ?? Date.now } });
const seconds = () => Math.floor(Date.now() / 1_000);

async function codeOf(verifying: Promise<unknown>): Promise<string> {
  try {
    await verifying;
  } catch (error) {
    if (error instanceof SallyportError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "believed";
}

describe("a token", () => {
  it("is believed for what it says, and for nothing else", async () => {
    const now = seconds();
    const token = test.token({
      sub: "auth0|5f7c",
      iat: now,
      auth_time: now - 60,
      groups: ["payments", "payments sre"],
      email: "root@example.com",
    });
    expect(await verifier().verify(token, { ...issuer, groupsClaim: "groups" })).toEqual({
      subject: "auth0|5f7c",
      groups: ["payments", "payments sre"],
      issuedAt: now * 1_000,
      signedInAt: (now - 60) * 1_000,
    });
  });

  it.each(["RS256", "ES256", "EdDSA"] as const)("may be signed by %s", async (alg) => {
    const key = newKey("second", alg);
    test.published = [first, key];
    expect(await codeOf(verifier().verify(test.token({}, key), issuer))).toBe("believed");
  });

  it.each<[string, () => string, string, Partial<Issuer>?]>([
    ["that is not signed", () => unsigned(claims()), "it is signed otherwise"],
    [
      "that is signed with the public key as a secret",
      () => signedWithPublicKey(claims(), first),
      "it is signed otherwise",
    ],
    ["of another key by the same name", () => test.token({}, other), "not signed by a key"],
    ["of a key that is not published", () => test.token({}, newKey("gone")), "not signed by a key"],
    ["that was changed", () => changed(test.token()), "not signed by a key"],
    ["for another audience", () => test.token({ aud: "another" }), "its aud is not"],
    ["for nobody", () => test.token({ aud: undefined }), "it has no aud"],
    ["of another issuer", () => test.token({ iss: `${test.url}/` }), "its iss is not"],
    ["of no issuer", () => test.token({ iss: undefined }), "it has no iss"],
    ["of no subject", () => test.token({ sub: undefined }), "it has no sub"],
    ["of a subject with a line in it", () => test.token({ sub: "a\nb" }), "its subject is none"],
    ["that does not end", () => test.token({ exp: undefined }), "it has no exp"],
    ["of no time", () => test.token({ iat: undefined }), "it has no iat"],
    ["that is not valid yet", () => test.token({ nbf: seconds() + 60 }), "its nbf is not"],
    ["of the future", () => test.token({ iat: seconds() + 60 }), "made in the future"],
    [
      "that is an ID token, by its use",
      () => test.token({ token_use: "id" }),
      "it is of another use",
      { tokenUse: "access" },
    ],
    ["that says no use", () => test.token(), "it is of another use", { tokenUse: "access" }],
    [
      "that is an ID token, by its type",
      () => test.token(),
      "its typ is not",
      { tokenType: "at+jwt" },
    ],
    [
      "without the scope",
      () => test.token({ scope: "openid sallyport.read" }),
      "it lacks the scope",
      { scope: "sallyport" },
    ],
    ["that is a text", () => "a.b.c", "it is no signed token"],
    ["longer than a header", () => test.token({ pad: "x".repeat(11_000) }), "it is too long"],
  ])("%s is not", async (_, make, why, of = {}) => {
    const said = await codeOf(verifier().verify(make(), { ...issuer, ...of }));
    expect(said).toContain("token_invalid: the token is not accepted");
    expect(said).toContain(why);
  });

  it("that has expired is not, and says so by a code of its own", async () => {
    const token = test.token({ iat: seconds() - 600, exp: seconds() - 10 });
    expect(await codeOf(verifier().verify(token, issuer))).toContain("token_expired");
    const later = verifier({ now: () => Date.now() + 310_000 });
    expect(await codeOf(later.verify(test.token(), issuer))).toContain("token_expired");
  });

  it("has the type, use and scope that are asked for", async () => {
    const of = { ...issuer, tokenType: "at+jwt", tokenUse: "access", scope: "sallyport" };
    const good = { token_use: "access", scope: "openid sallyport" };
    const typed = (claims: object) => test.token({ ...claims }, first, { typ: "at+jwt" });
    expect(await codeOf(verifier().verify(typed(good), of))).toBe("believed");
    expect(
      await codeOf(verifier().verify(typed({ ...good, scope: undefined, scp: ["sallyport"] }), of)),
    ).toBe("believed");
  });

  it.each([
    ["no claim", undefined],
    ["a text in brackets", "[payments sre]"],
    ["one name", "payments"],
    ["a list with a number", ["payments", 1]],
    ["an object", { payments: true }],
    ["more than anybody is in", Array.from({ length: 1_001 }, () => "g")],
  ])("with %s for groups does not say in which its subject is", async (_, groups) => {
    const of = { ...issuer, groupsClaim: "groups" };
    const { groups: read } = await verifier().verify(test.token({ groups }), of);
    expect(read).toBeUndefined();
  });

  it("has no groups where no claim is configured, nor by what every object has", async () => {
    const groups = ["payments"];
    expect((await verifier().verify(test.token({ groups }), issuer)).groups).toBeUndefined();
    const inherited = { ...issuer, groupsClaim: "constructor" };
    expect((await verifier().verify(test.token(), inherited)).groups).toBeUndefined();
  });
});

describe("the keys of an issuer", () => {
  it("are read once, and not again for as long as they are kept", async () => {
    const tokens = verifier();
    for (let i = 0; i < 3; i++) await tokens.verify(test.token(), issuer);
    expect(test.asked).toEqual(["/.well-known/openid-configuration", "/keys"]);
  });

  it("are read again for a new one, but not for each that is made up", async () => {
    const tokens = verifier({ cooldownMs: 0 });
    await tokens.verify(test.token(), issuer);
    const second = newKey("second");
    test.published = [first, second];
    expect(await codeOf(tokens.verify(test.token({}, second), issuer))).toBe("believed");
    test.published = [second];
    const asked = test.asked.length;
    const calm = verifier();
    await calm.verify(test.token({}, second), issuer);
    for (const kid of ["x", "y", "z"]) {
      expect(await codeOf(calm.verify(test.token({}, newKey(kid)), issuer))).toContain("invalid");
    }
    expect(test.asked.slice(asked)).toEqual(["/.well-known/openid-configuration", "/keys"]);
  });

  it("that its issuer took back are believed no longer than they are kept", async () => {
    const tokens = verifier({ maxAgeMs: 0, cooldownMs: 0 });
    expect(await codeOf(tokens.verify(test.token(), issuer))).toBe("believed");
    const old = test.token();
    test.published = [newKey("second")];
    expect(await codeOf(tokens.verify(old, issuer))).toContain("not signed by a key");
  });

  it("that cannot be read have nothing believed, and are read again for the next call", async () => {
    const tokens = verifier();
    test.answersWith = { status: 500 };
    expect(await codeOf(tokens.verify(test.token(), issuer))).toContain("issuer_unavailable");
    test.answersWith = undefined;
    expect(await codeOf(tokens.verify(test.token(), issuer))).toBe("believed");
    // Those that are kept go on, and no longer than they are kept.
    test.answersWith = { status: 500 };
    expect(await codeOf(tokens.verify(test.token(), issuer))).toBe("believed");
    const short = verifier({ maxAgeMs: 0 });
    test.answersWith = undefined;
    expect(await codeOf(short.verify(test.token(), issuer))).toBe("believed");
    test.answersWith = { status: 503 };
    expect(await codeOf(short.verify(test.token(), issuer))).toContain("issuer_unavailable");
  });

  it.each<[string, PublishedKeysSettings["fetch"]]>([
    ["no host", () => Promise.reject(new TypeError("fetch failed"))],
    ["another issuer's document", answering({ issuer: "https://x", jwks_uri: `${test.url}/keys` })],
    ["no place of keys", answering({ issuer: test.url })],
    ["keys by another way", answering({ issuer: test.url, jwks_uri: "https://x/keys" })],
    ["more than anybody publishes", answering({ issuer: test.url, pad: "x".repeat(300_000) })],
    ["no JSON", async () => new Response("<html>")],
    ["a redirect", async () => new Response(null, { status: 302, headers: { location: "/" } })],
  ])("are none where there is %s", async (_, fetch) => {
    const tokens = verifier(fetch === undefined ? {} : { fetch });
    expect(await codeOf(tokens.verify(test.token(), issuer))).toContain("issuer_unavailable");
  });
});

function answering(document: object): NonNullable<PublishedKeysSettings["fetch"]> {
  return async () => new Response(JSON.stringify(document), { status: 200 });
}

function claims(): object {
  const now = seconds();
  return { iss: test.url, aud: AUDIENCE, sub: "user-1", iat: now, exp: now + 300 };
}

/** With another subject under the same signature. */
function changed(token: string): string {
  const [header = "", , signature = ""] = token.split(".");
  const body = Buffer.from(JSON.stringify({ ...claims(), sub: "user-2" })).toString("base64url");
  return `${header}.${body}.${signature}`;
}
