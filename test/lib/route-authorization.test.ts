import { App, Stack } from "aws-cdk-lib";
import { CfnApi, CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import { describe, expect, it } from "vitest";
import { requireAuthorizers } from "../../lib/route-authorization.ts";

function withRoute(
  authorizationType: string | undefined,
  { asked = "POST /v1/asked", authorizerId }: { asked?: string; authorizerId?: string } = {},
): App {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, "Stack");
  const api = new CfnApi(stack, "Api", { name: "api", protocolType: "HTTP" });
  requireAuthorizers(stack);
  const route = (id: string, routeKey: string, type: string | undefined): CfnRoute =>
    new CfnRoute(stack, id, {
      apiId: api.ref,
      routeKey,
      ...(id === "Closed" || authorizerId === undefined ? {} : { authorizerId }),
      ...(type === undefined ? {} : { authorizationType: type }),
    });
  route("Closed", "GET /v1/closed", "AWS_IAM");
  route("Asked", asked, authorizationType);
  return app;
}

describe("requireAuthorizers", () => {
  it("lets a stack through in which every route is behind IAM", () => {
    expect(() => withRoute("AWS_IAM").synth()).not.toThrow();
  });

  it.each([undefined, "NONE", "JWT", "CUSTOM"])(
    "fails synthesis, naming the route, for an authorization of %s",
    (type) => {
      expect(() => withRoute(type).synth()).toThrow(/POST \/v1\/asked/);
      expect(() => withRoute(type).synth()).not.toThrow(/GET \/v1\/closed/);
    },
  );

  it("lets a route of tokens through that has an authorizer of tokens", () => {
    const behind = { asked: "POST /web/v1/asked", authorizerId: "abc" };
    expect(() => withRoute("JWT", behind).synth()).not.toThrow();
  });

  it.each([
    [undefined, "abc"],
    ["NONE", "abc"],
    ["AWS_IAM", "abc"],
    ["CUSTOM", "abc"],
    ["JWT", undefined],
  ])(
    "fails synthesis for a route of tokens with %s and the authorizer %s",
    (type, authorizerId) => {
      const behind = {
        asked: "POST /web/ci/v1/asked",
        ...(authorizerId === undefined ? {} : { authorizerId }),
      };
      expect(() => withRoute(type, behind).synth()).toThrow(/POST \/web\/ci\/v1\/asked/);
    },
  );

  it("takes no path for one of tokens that only looks like it", () => {
    for (const asked of ["POST /webhooks", "POST /v1/web/asked", "$default"]) {
      expect(() => withRoute("JWT", { asked, authorizerId: "abc" }).synth(), asked).toThrow(asked);
    }
  });
});
