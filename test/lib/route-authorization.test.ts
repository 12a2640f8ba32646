import { App, Stack } from "aws-cdk-lib";
import { CfnApi, CfnRoute } from "aws-cdk-lib/aws-apigatewayv2";
import { describe, expect, it } from "vitest";
import { requireAuthorizers } from "../../lib/route-authorization.ts";

function withRoute(authorizationType: string | undefined): App {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, "Stack");
  const api = new CfnApi(stack, "Api", { name: "api", protocolType: "HTTP" });
  requireAuthorizers(stack);
  const route = (id: string, routeKey: string, type: string | undefined): CfnRoute =>
    new CfnRoute(stack, id, {
      apiId: api.ref,
      routeKey,
      ...(type === undefined ? {} : { authorizationType: type }),
    });
  route("Closed", "GET /v1/closed", "AWS_IAM");
  route("Asked", "POST /v1/asked", authorizationType);
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
});
