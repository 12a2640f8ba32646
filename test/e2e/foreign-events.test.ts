import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpEvent } from "../../lambdas/chain/read-call.ts";
import { engineHere } from "../kit/engine.ts";
import { startTestGateway, type TestGateway } from "../kit/gateway.ts";
import { grownBy } from "../kit/record.ts";

/*
 * Events that name somebody, and that the deployment's own API did not deliver.
 */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.close());

const account = "111122223333";

/** What API Gateway delivers for a lock by sre: with `context` in place of what is true of our API. */
function lock(change: object = {}, context: object = {}): HttpEvent {
  return {
    version: "2.0",
    routeKey: "POST /v1/locks",
    rawPath: "/v1/locks",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ subject: { kind: "person", id: "dev" }, reason: "a test" }),
    ...change,
    requestContext: {
      requestId: "foreign",
      accountId: account,
      apiId: "local",
      stage: "$default",
      routeKey: "POST /v1/locks",
      http: { method: "POST" },
      authorizer: {
        iam: {
          accountId: account,
          userArn: `arn:aws:iam::${account}:user/sre`,
          userId: "AIDASRE0000000000004",
          cognitoIdentity: null,
        },
      },
      ...context,
    },
  };
}

describe.skipIf(!engineHere)("an event that is not of our API", () => {
  it.each([
    ["a REST API's", lock({ version: "1.0", resource: "/v1/locks", httpMethod: "POST" })],
    ["another API's", lock({}, { apiId: "zzzzzzzzzz" })],
    [
      "a function URL's",
      lock(
        { routeKey: "$default" },
        { apiId: "url", accountId: "anonymous", routeKey: "$default" },
      ),
    ],
    ["another account's", lock({}, { accountId: "999988887777" })],
    ["another stage's", lock({}, { stage: "test" })],
  ])("T26 is answered with nothing and believed in nothing: %s", async (_, event) => {
    const before = gateway.logged.length;
    const { result, grown } = await grownBy(gateway.events, () => gateway.invoke("decide", event));
    expect([result.status, result.body]).toEqual([403, { message: "Forbidden" }]);
    expect(grown).toEqual([]);
    expect(gateway.logged.slice(before).join("\n")).toContain("not invoked by our API");
  });

  it("T26 of a route that its path is not is no route", async () => {
    const { result, grown } = await grownBy(gateway.events, () =>
      gateway.invoke("decide", lock({ routeKey: "GET /v1/health" })),
    );
    expect([result.status, result.body.code]).toEqual([404, "route_not_found"]);
    expect(grown).toEqual([]);
  });

  it("T26 sets the lock once all of it is ours: nothing else kept it out", async () => {
    const { result, grown } = await grownBy(gateway.events, () =>
      gateway.invoke("decide", lock({}, { requestId: "ours" })),
    );
    expect(result.status).toBe(201);
    expect(grown).toEqual(["LOCK:lock.set"]);
  });
});
