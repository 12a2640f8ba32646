import { SignatureV4 } from "@smithy/signature-v4";
import { describe, expect, it } from "vitest";
import {
  claimedAccessKeyId,
  type SignatureRefusal,
  type SignedRequest,
  verifySignature,
} from "../../emulator/sigv4.ts";
import { Sha256 } from "../../local/signed-call.ts";

/* Signed by AWS's own signer, and two of the examples AWS publishes: the verifier shares no code with it. */

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "the secret of AKIDEXAMPLE" };
const temporary = { ...keys, accessKeyId: "ASIAEXAMPLE", sessionToken: "the+token/of==it" };
const now = new Date("2026-11-24T08:20:21Z");
const secretOf = (accessKeyId: string) =>
  [keys, temporary].find((known) => known.accessKeyId === accessKeyId);

interface Call {
  method?: string;
  path?: string;
  query?: { [name: string]: string | string[] };
  headers?: { [name: string]: string };
  body?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  service?: string;
  region?: string;
  at?: Date;
  unsigned?: string[];
  /** The path is signed as it was sent, and not encoded once more. */
  pathAsSent?: boolean;
}

async function signed(call: Call = {}): Promise<SignedRequest> {
  const { method = "POST", path = "/v1/requests", query = {}, body = '{"a":1}' } = call;
  const request = await new SignatureV4({
    service: call.service ?? "execute-api",
    region: call.region ?? "us-east-1",
    credentials: call.credentials ?? keys,
    sha256: Sha256,
    uriEscapePath: call.pathAsSent !== true,
  }).sign(
    {
      method,
      protocol: "http:",
      hostname: "127.0.0.1",
      path,
      query,
      headers: { host: "127.0.0.1:7070", "content-type": "application/json", ...call.headers },
      body,
    },
    { signingDate: call.at ?? now, unsignableHeaders: new Set(call.unsigned ?? []) },
  );
  const rawQuery = Object.entries(query)
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value]))
    .map((pair) => pair.map((text) => encodeURIComponent(text ?? "")).join("="))
    .join("&");
  return {
    method,
    rawPath: path,
    rawQuery,
    headers: Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    body: Buffer.from(body),
  };
}

/** The key the request is judged to be signed with, or why it is refused. */
function judged(request: SignedRequest, at = now): string {
  const verdict = verifySignature(request, secretOf, at, {
    service: "execute-api",
    region: "us-east-1",
    requiredSignedHeaders: ["host"],
  });
  return verdict.ok ? verdict.accessKeyId : verdict.why;
}

const replaced = (request: SignedRequest, name: string, value: string): SignedRequest => ({
  ...request,
  headers: request.headers.map(([n, v]) => [n, n === name ? value : v]),
});
const without = (request: SignedRequest, name: string): SignedRequest => ({
  ...request,
  headers: request.headers.filter(([n]) => n !== name),
});
const added = (request: SignedRequest, name: string, value: string): SignedRequest => ({
  ...request,
  headers: [...request.headers, [name, value]],
});
const authorization = (request: SignedRequest): string =>
  request.headers.find(([name]) => name === "authorization")?.[1] ?? "";

describe("a request signed by AWS's signer", () => {
  it.each<[string, Call]>([
    ["as it is", {}],
    ["without a body", { method: "GET", body: "" }],
    ["at the root", { path: "/" }],
    ["with escapes in its path", { path: "/v1/a%20b/c%2Fd%25" }],
    ["with marks in its path", { path: "/v1/req:1!'()*@$&+,;=~" }],
    ["with a query", { query: { b: "2", a: "1", "a-b": "", A: "x" } }],
    ["with a name given twice", { query: { a: ["2", "1", "10"] } }],
    ["with marks in its query", { query: { "a b": "c+d&e=f/?:%25 é😀*'" } }],
    ["with spaces in a header", { headers: { "x-amz-meta": "  a   b  " } }],
    ["with a token", { credentials: temporary }],
    ["with the method DELETE", { method: "DELETE" }],
  ])("is verified %s", async (_, call) => {
    expect(judged(await signed(call))).toBe((call.credentials ?? keys).accessKeyId);
  });

  const examples: [string, string, string][] = [
    ["get-vanilla", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-vanilla-query-order-key-case",
      "Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ],
  ];
  it.each(examples)("is verified in AWS's example %s", (_, rawQuery, signature) => {
    const scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
    const verdict = verifySignature(
      {
        method: "GET",
        rawPath: "/",
        rawQuery,
        headers: [
          ["host", "example.amazonaws.com"],
          ["x-amz-date", "20150830T123600Z"],
          [
            "authorization",
            `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
          ],
        ],
        body: new Uint8Array(),
      },
      () => ({ secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" }),
      new Date("2015-08-30T12:36:00Z"),
      { service: "service", region: "us-east-1", requiredSignedHeaders: ["host"] },
    );
    expect(verdict).toEqual({ ok: true, accessKeyId: "AKIDEXAMPLE" });
  });

  it.each([
    ["2026-11-24T08:15:21.000Z", "AKIDEXAMPLE"],
    ["2026-11-24T08:25:21.000Z", "AKIDEXAMPLE"],
    ["2026-11-24T08:15:20.999Z", "stale_date"],
    ["2026-11-24T08:25:21.001Z", "stale_date"],
    ["2025-11-24T08:20:21.000Z", "stale_date"],
  ])("judged at %s is %s", async (at, expected) => {
    expect(judged(await signed(), new Date(at))).toBe(expected);
  });
});

describe("a request that is not what was signed", () => {
  const changes: [string, (request: SignedRequest) => SignedRequest, SignatureRefusal][] = [
    ["the method", (r) => ({ ...r, method: "PUT" }), "wrong_signature"],
    ["the path", (r) => ({ ...r, rawPath: "/v1/activations" }), "wrong_signature"],
    ["a slash at the path's end", (r) => ({ ...r, rawPath: `${r.rawPath}/` }), "wrong_signature"],
    ["a doubled slash", (r) => ({ ...r, rawPath: `/${r.rawPath}` }), "wrong_signature"],
    ["an escape in the path", (r) => ({ ...r, rawPath: "/v1/%72equests" }), "wrong_signature"],
    ["the body", (r) => ({ ...r, body: Buffer.from('{"a":2}') }), "changed_body"],
    ["the body, to none", (r) => ({ ...r, body: new Uint8Array() }), "changed_body"],
    [
      "the body and the hash sent of it",
      (r) =>
        replaced(
          { ...r, body: new Uint8Array() },
          "x-amz-content-sha256",
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
      "wrong_signature",
    ],
    [
      "the hash, to a promise not to look",
      (r) => replaced(r, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
      "changed_body",
    ],
    ["a query", (r) => ({ ...r, rawQuery: "a=1&b=3" }), "wrong_signature"],
    ["a query, to none", (r) => ({ ...r, rawQuery: "" }), "wrong_signature"],
    ["a name added to the query", (r) => ({ ...r, rawQuery: "a=1&b=2&c" }), "wrong_signature"],
    ["a name's case in the query", (r) => ({ ...r, rawQuery: "A=1&b=2" }), "wrong_signature"],
    ["the host", (r) => replaced(r, "host", "elsewhere"), "wrong_signature"],
    ["another signed header", (r) => replaced(r, "content-type", "text/plain"), "wrong_signature"],
    ["a signed header, away", (r) => without(r, "content-type"), "wrong_signature"],
    ["the date", (r) => replaced(r, "x-amz-date", "20261124T082022Z"), "wrong_signature"],
    ["the day", (r) => replaced(r, "x-amz-date", "20261125T082021Z"), "malformed_date"],
    ["the date, away", (r) => without(r, "x-amz-date"), "malformed_date"],
    ["the date, to words", (r) => replaced(r, "x-amz-date", "20261124 today"), "malformed_date"],
    ["an x-amz header added", (r) => added(r, "x-amz-meta", "1"), "unsigned_header"],
    ["a token added", (r) => added(r, "x-amz-security-token", "t"), "unsigned_header"],
    ["the signature, away", (r) => without(r, "authorization"), "missing_authorization"],
    [
      "a digit of the signature",
      (r) =>
        replaced(
          r,
          "authorization",
          authorization(r).replace(/.$/, (digit) => (digit === "0" ? "1" : "0")),
        ),
      "wrong_signature",
    ],
    [
      "the name of the key",
      (r) => replaced(r, "authorization", authorization(r).replace("AKIDEXAMPLE", "AKIDOTHER")),
      "unknown_key",
    ],
  ];
  it.each(changes)("is refused where somebody changed %s", async (_, change, why) => {
    const request = await signed({ query: { a: "1", b: "2" } });
    expect(judged(request)).toBe("AKIDEXAMPLE");
    expect(judged(change(request))).toBe(why);
  });

  it.each(["host", "authorization", "content-type", "x-amz-date", "x-amz-content-sha256"])(
    "is refused where %s comes twice, alike or not",
    async (name) => {
      const request = await signed();
      const value = request.headers.find(([n]) => n === name)?.[1] ?? "";
      expect(judged(added(request, name, value))).toBe("repeated_header");
      expect(judged(added(request, name, "other"))).toBe("repeated_header");
    },
  );

  it("is refused where a header it may repeat was signed once and comes twice", async () => {
    const request = await signed({ headers: { accept: "a" } });
    expect(authorization(request)).toContain("accept;");
    expect(judged(added(request, "accept", "b"))).toBe("wrong_signature");
  });

  it("is refused where a header signed as empty has gone", async () => {
    const request = await signed({ headers: { accept: "" } });
    expect(authorization(request)).toContain("=accept;");
    expect(judged(request)).toBe("AKIDEXAMPLE");
    expect(judged(without(request, "accept"))).toBe("wrong_signature");
  });

  it.each<[string, Call, SignatureRefusal]>([
    ["another secret", { credentials: { ...keys, secretAccessKey: "x" } }, "wrong_signature"],
    ["an empty secret", { credentials: { ...keys, secretAccessKey: "" } }, "wrong_signature"],
    ["an unknown key", { credentials: { ...keys, accessKeyId: "AKIDOTHER" } }, "unknown_key"],
    ["another token", { credentials: { ...temporary, sessionToken: "t" } }, "wrong_token"],
    ["no token", { credentials: { ...keys, accessKeyId: "ASIAEXAMPLE" } }, "wrong_token"],
    [
      "a token too many",
      { credentials: { ...temporary, accessKeyId: "AKIDEXAMPLE" } },
      "wrong_token",
    ],
    ["another service", { service: "sts" }, "wrong_scope"],
    ["another region", { region: "eu-west-1" }, "wrong_scope"],
    ["a date six minutes ago", { at: new Date(now.getTime() - 360_000) }, "stale_date"],
    ["a date six minutes ahead", { at: new Date(now.getTime() + 360_000) }, "stale_date"],
    ["a host that is not signed", { unsigned: ["host"] }, "unsigned_header"],
    [
      "an x-amz header that is not signed",
      { headers: { "x-amz-meta": "1" }, unsigned: ["x-amz-meta"] },
      "unsigned_header",
    ],
  ])("is refused with %s", async (_, call, why) => {
    expect(judged(await signed(call))).toBe(why);
  });
});

describe("two requests of which one was signed", () => {
  it.each([
    ["/v1/a%20b", "/v1/a%2520b"],
    ["/v1/a%2520b", "/v1/a%20b"],
    ["/v1/a b", "/v1/a%20b"],
    ["/v1/a%2Fb", "/v1/a/b"],
    ["/v1/a%2fb", "/v1/a%2Fb"],
    ["/v1/a:b", "/v1/a%3Ab"],
  ])("are told apart by the paths %s and %s", async (path, other) => {
    const request = await signed({ path });
    expect(judged(request)).toBe("AKIDEXAMPLE");
    expect(judged({ ...request, rawPath: other })).toBe("wrong_signature");
  });

  it.each([
    ["a+b", "a=a+b"],
    ["a b", "a=a%2Bb"],
    ["%zz%41", "a=%zz%41"],
    ["%FF", "a=%FF"],
    ["a%20b", "a=a%20b"],
    ["1&b=2", "a=1&b=2"],
  ])("are told apart by the query's value %s and the query %s", async (value, rawQuery) => {
    const request = await signed({ query: { a: value } });
    expect(judged(request)).toBe("AKIDEXAMPLE");
    expect(new URLSearchParams(rawQuery).get("a")).not.toBe(value);
    expect(judged({ ...request, rawQuery })).toBe("wrong_signature");
  });

  it.each([
    ["a b", "a=a+b"],
    ["a/b", "a=a/b"],
    ["ab", "%61=%61b"],
  ])("are one where a handler reads %s in both", async (value, rawQuery) => {
    expect(judged({ ...(await signed({ query: { a: value } })), rawQuery })).toBe("AKIDEXAMPLE");
  });

  it("takes a path as it was sent too, as curl 7 signs it, if nothing in it is escaped", async () => {
    const asSent = async (path: string) => judged(await signed({ path, pathAsSent: true }));
    expect(await asSent("/v1/requests/req-1:cancel")).toBe("AKIDEXAMPLE");
    expect(await asSent("/v1/a%20b")).toBe("wrong_signature");
  });
});

describe("an Authorization header", () => {
  it.each<[string, (written: string) => string]>([
    ["of another algorithm", (w) => w.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")],
    ["of another scheme", () => "Bearer AKIDEXAMPLE"],
    ["with an upper-case signature", (w) => w.replace(/[0-9a-f]{64}$/, "A".repeat(64))],
    ["with a short signature", (w) => w.slice(0, -1)],
    ["with something after it", (w) => `${w} `],
    [
      "with unsorted headers",
      (w) => w.replace(/SignedHeaders=content-type;host/, "SignedHeaders=host;content-type"),
    ],
    [
      "with a header named twice",
      (w) => w.replace("SignedHeaders=content-type", "SignedHeaders=content-type;content-type"),
    ],
    ["with no header", (w) => w.replace(/SignedHeaders=[^,]+/, "SignedHeaders=")],
    ["with another end of its scope", (w) => w.replace("aws4_request", "aws5_request")],
    ["that is empty", () => ""],
  ])("%s is refused as malformed", async (_, change) => {
    const request = await signed();
    const changed = change(authorization(request));
    expect(changed).not.toBe(authorization(request));
    expect(judged(replaced(request, "authorization", changed))).toBe("malformed_authorization");
  });

  it("names the key it claims, before anything is verified", async () => {
    const { headers } = await signed({ credentials: { ...keys, accessKeyId: "AKIDOTHER" } });
    expect(claimedAccessKeyId(headers)).toBe("AKIDOTHER");
    expect(claimedAccessKeyId([["authorization", "Bearer x"]])).toBe("");
    expect(claimedAccessKeyId([])).toBe("");
  });
});
