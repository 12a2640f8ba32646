import { describe, expect, it } from "vitest";
import { isOfRoute, whyNotOurs } from "../../lambdas/chain/our-event.ts";

const api = { id: "a1b2c3d4e5", account: "111122223333", stage: "$default" };

function event(
  change: { [name: string]: unknown } = {},
  context: { [name: string]: unknown } = {},
) {
  return {
    version: "2.0",
    routeKey: "GET /v1/whoami",
    rawPath: "/v1/whoami",
    headers: {},
    requestContext: {
      accountId: api.account,
      apiId: api.id,
      stage: "$default",
      routeKey: "GET /v1/whoami",
      requestId: "id",
      http: { method: "GET" },
      ...context,
    },
    ...change,
  };
}

describe("whyNotOurs", () => {
  it("lets an event of the deployment's own API through", () => {
    expect(whyNotOurs(event(), api)).toBeUndefined();
  });

  it.each([
    ["a REST API's event", event({ version: "1.0", path: "/v1/whoami", httpMethod: "GET" })],
    ["an event of no format", event({ version: undefined })],
    ["another API's", event({}, { apiId: "zzzzzzzzzz" })],
    ["a function URL's", event({}, { apiId: "abcdefghijklmnop", accountId: "anonymous" })],
    ["one of no API", event({}, { apiId: undefined })],
    ["another account's", event({}, { accountId: "999988887777" })],
    ["another stage's", event({}, { stage: "test" })],
    ["one without a method", event({}, { http: undefined })],
    ["one without a path", event({ rawPath: undefined })],
    ["one without an id", event({}, { requestId: undefined })],
    ["one without a context", event({ requestContext: null })],
    ["a batch of a stream", { Records: [] }],
    ["nothing", null],
    ["a text", "GET /v1/whoami"],
  ])("refuses %s", (_, foreign) => {
    expect(whyNotOurs(foreign, api)).toEqual(expect.any(String));
  });
});

describe("isOfRoute", () => {
  it("wants both names of the route to be the path's", () => {
    expect(isOfRoute(event(), "GET /v1/whoami")).toBe(true);
    expect(isOfRoute(event({ routeKey: "$default" }), "GET /v1/whoami")).toBe(false);
    expect(isOfRoute(event({}, { routeKey: "ANY /{proxy+}" }), "GET /v1/whoami")).toBe(false);
    expect(isOfRoute({}, "GET /v1/whoami")).toBe(false);
  });
});
