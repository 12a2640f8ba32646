import { afterEach, describe, expect, it } from "vitest";
import { systemRandom } from "../../adapters/system-clock.ts";
import type { HttpFunction } from "../../lambdas/chain/http-function.ts";
import { type FrontDoor, startFrontDoor } from "../../local/front-door.ts";
import { looked } from "../kit/looks.ts";
import { signedFetch } from "../kit/signed-fetch.ts";

/*
 * What a function behind the local front door is given, and what its caller is told of how it ends.
 */

const keys = { accessKeyId: "AKIADEV", secretAccessKey: "secret of dev" };
const caller = {
  accessKeyId: keys.accessKeyId,
  account: "111122223333",
  userArn: "arn:aws:iam::111122223333:user/dev",
  userId: "AIDADEV0000000000001",
};

let door: FrontDoor | undefined;
let failures: unknown[];

afterEach(() => door?.close());

async function behind(run: HttpFunction, integrationTimeoutMs = 30_000): Promise<string> {
  failures = [];
  door = await startFrontDoor({
    port: 0,
    region: "us-east-1",
    functions: { requests: run, decide: run, exec: run },
    secretOf: (id) => (id === keys.accessKeyId ? keys : undefined),
    callerOf: (id) => (id === keys.accessKeyId ? caller : undefined),
    random: systemRandom,
    now: () => Date.now(),
    log: { info: () => undefined, error: (_message, _fields, error) => failures.push(error) },
    integrationTimeoutMs,
  });
  return `http://127.0.0.1:${door.port}`;
}

describe("a function behind the local front door", () => {
  it("T26 is given API Gateway's event, with who signed in the authorizer's context alone", async () => {
    let given: object = {};
    let leftMs = 0;
    const api = await behind(async (event, context) => {
      given = event;
      leftMs = context.getRemainingTimeInMillis();
      return { statusCode: 202, headers: { "x-own": "1" }, body: "[]" };
    });
    const answer = await signedFetch(api, keys, {
      method: "POST",
      path: "/v1/requests/abc/decisions?a=1&a=2&b=%20x",
      body: { decision: "approve", note: "é" },
      headers: { "User-Agent": "test", "X-Amzn-User": "root" },
    });
    expect(answer).toMatchObject({ status: 202, text: "[]", headers: { "x-own": "1" } });
    // What came through to the function is what the wire had.
    looked("wire");
    expect(given).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/requests/{id}/decisions",
      rawPath: "/v1/requests/abc/decisions",
      rawQueryString: "a=1&a=2&b=%20x",
      queryStringParameters: { a: "1,2", b: " x" },
      pathParameters: { id: "abc" },
      headers: { "user-agent": "test", "x-amzn-user": "root" },
      body: '{"decision":"approve","note":"é"}',
      isBase64Encoded: false,
      requestContext: {
        accountId: "111122223333",
        apiId: "local",
        stage: "$default",
        routeKey: "POST /v1/requests/{id}/decisions",
        requestId: answer.headers["apigw-requestid"],
        http: {
          method: "POST",
          path: "/v1/requests/abc/decisions",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
        authorizer: {
          iam: {
            accessKey: "AKIADEV",
            accountId: "111122223333",
            callerId: "AIDADEV0000000000001",
            cognitoIdentity: null,
            principalOrgId: null,
            userArn: "arn:aws:iam::111122223333:user/dev",
            userId: "AIDADEV0000000000001",
          },
        },
      },
    });
    const { time, timeEpoch } = (given as { requestContext: { time: string; timeEpoch: number } })
      .requestContext;
    expect(time).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
    expect(Math.abs(timeEpoch - Date.now())).toBeLessThan(10_000);
    // One second less than the door waits, as the deployed functions have.
    expect(leftMs).toBeGreaterThan(28_000);
    expect(leftMs).toBeLessThanOrEqual(29_000);
  });

  it("is given the very bytes of a body that is no text", async () => {
    let given: { body?: string | undefined; isBase64Encoded?: boolean } = {};
    const api = await behind(async (event) => {
      given = event;
      return { statusCode: 200, body: "" };
    });
    await signedFetch(api, keys, {
      method: "POST",
      path: "/v1/requests",
      body: "x",
      headers: { "content-type": "application/octet-stream" },
    });
    expect(given).toMatchObject({
      isBase64Encoded: true,
      body: Buffer.from('"x"').toString("base64"),
    });
  });

  it("that takes too long is a 503 to its caller, and goes on", async () => {
    let done = false;
    const api = await behind(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      done = true;
      return { statusCode: 200, body: "secret" };
    }, 100);
    const answer = await signedFetch(api, keys, { method: "GET", path: "/v1/whoami" });
    expect([answer.status, answer.text]).toEqual([503, '{"message":"Service Unavailable"}']);
    expect(done).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(done).toBe(true);
  });

  it("that throws is a 500 without its words, which are in the log", async () => {
    const api = await behind(async () => {
      throw new Error("a secret of the function");
    });
    const answer = await signedFetch(api, keys, { method: "GET", path: "/v1/whoami" });
    expect([answer.status, answer.text]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(failures).toEqual([new Error("a secret of the function")]);
  });
});
