import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { doorsOf } from "../../api/doors.ts";
import { routes } from "../../api/routes.ts";
import { settingsFrom } from "../../lambdas/settings.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";
import { MOST_ISSUERS } from "../../lib/oidc-schema.ts";

/*
 * What examples/oidc.json makes: a door for each issuer, beside the one of signatures.
 */

const file = readFileSync(new URL("../../examples/oidc.json", import.meta.url), "utf8");
const configuration = readDeploymentConfiguration(JSON.parse(file));

function templateOf(of: typeof configuration): Template {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  return Template.fromStack(new GatewayStack(app, "Sallyport", { configuration: of }));
}
const template = templateOf(configuration);

type Properties = { [name: string]: unknown };
const all = (type: string, of = template): [string, Properties][] =>
  Object.entries(of.findResources(type)).map(([id, one]) => [id, one["Properties"] as Properties]);

describe("the doors of a deployment with issuers", () => {
  it("open each route of the table once more for each issuer, behind its own authorizer", () => {
    const authorizers = new Map(
      all("AWS::ApiGatewayV2::Authorizer").map(([id, { Name }]) => [id, Name]),
    );
    const found = all("AWS::ApiGatewayV2::Route").map(([, route]) => {
      const { Ref } = (route["AuthorizerId"] ?? {}) as { Ref?: string };
      const { RouteKey, AuthorizationType, AuthorizationScopes } = route;
      const by = Ref === undefined ? undefined : authorizers.get(Ref);
      return [RouteKey, AuthorizationType, by, AuthorizationScopes];
    });
    const wanted = routes.flatMap(({ method, path }) => [
      [`${method} ${path}`, "AWS_IAM", undefined, undefined],
      [`${method} /web${path}`, "JWT", "tokens-corp", ["sallyport"]],
      [`${method} /web/github${path}`, "JWT", "tokens-github", undefined],
    ]);
    expect(new Set(found.map(String))).toEqual(new Set(wanted.map(String)));
    expect(found).toHaveLength(wanted.length);
  });

  it("take the tokens of their issuer for this gateway, from the Authorization header alone", () => {
    const found = all("AWS::ApiGatewayV2::Authorizer").map(([, authorizer]) => authorizer);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({
      AuthorizerType: "JWT",
      IdentitySource: ["$request.header.Authorization"],
      JwtConfiguration: { Issuer: "https://login.example.com/", Audience: ["sallyport"] },
    });
    for (const authorizer of found) {
      expect(authorizer).not.toHaveProperty("AuthorizerResultTtlInSeconds");
    }
  });

  it("take each the tokens of its own issuer, for what that one calls this gateway", () => {
    const oidc = configuration.oidc.map((one) => ({ ...one, audience: `for-${one.name}` }));
    const found = all(
      "AWS::ApiGatewayV2::Authorizer",
      templateOf(readDeploymentConfiguration({ ...configuration, oidc })),
    ).map(([, { Name, JwtConfiguration }]) => [Name, JwtConfiguration]);
    expect(found).toEqual(
      oidc.map(({ name, issuer, audience }) => [
        `tokens-${name}`,
        { Issuer: issuer, Audience: [audience] },
      ]),
    );
  });

  it("are those that the local gateway and the functions have, from one table", () => {
    const keys = all("AWS::ApiGatewayV2::Route").map(([, { RouteKey }]) => RouteKey);
    const doors = doorsOf(configuration.oidc.map(({ name }) => name));
    expect(new Set(keys)).toEqual(
      new Set(
        doors.flatMap(({ prefix }) =>
          routes.map(({ method, path }) => `${method} ${prefix}${path}`),
        ),
      ),
    );
  });

  it("give API Gateway no further permission on a function", () => {
    const permissions = all("AWS::Lambda::Permission").filter(
      ([, { Principal }]) => Principal === "apigateway.amazonaws.com",
    );
    expect(permissions).toHaveLength(3);
  });

  it("are within the 300 routes of an API, as many as may be configured", () => {
    const [, github] = configuration.oidc;
    if (github === undefined) throw new Error("the example has one issuer");
    const oidc = Array.from({ length: MOST_ISSUERS }, (_, i) => ({
      ...github,
      name: `issuer-${i}`,
      issuer: `https://${i}.example.com`,
    }));
    const most = templateOf(readDeploymentConfiguration({ ...configuration, oidc }));
    expect(all("AWS::ApiGatewayV2::Route", most).length).toBeLessThanOrEqual(300);
    // And of what a stack may hold.
    expect(Object.keys(most.toJSON()["Resources"] as object).length).toBeLessThanOrEqual(500);
  });
});

describe("the functions of a deployment with issuers", () => {
  const [environment] = all("AWS::Lambda::Function").flatMap(([, { Environment }]) =>
    Environment === undefined
      ? []
      : [(Environment as { Variables: { [name: string]: unknown } }).Variables],
  );

  it("are told of them as the configuration has them, and of the identity store", () => {
    const texts = Object.entries(environment ?? {}).map(([name, value]) => [
      name,
      typeof value === "string" ? value : "deployed",
    ]);
    const { deployment, identityCenter } = settingsFrom(Object.fromEntries(texts));
    expect(deployment.issuers).toEqual(configuration.oidc);
    expect(identityCenter).toEqual({ identityStoreId: "d-1234567890", region: "us-east-1" });
  });

  it("are told of the API that is this stack's", () => {
    const [api] = all("AWS::ApiGatewayV2::Api");
    expect(environment?.["API_ID"]).toEqual({ Ref: api?.[0] });
  });

  it("may look up memberships in the one identity store", () => {
    const policies = JSON.stringify(all("AWS::IAM::Role"));
    expect(policies.split("identitystore:DescribeGroup")).toHaveLength(4);
    expect(policies).toContain("arn:aws:identitystore::111122223333:identitystore/d-1234567890");
    const minimal = JSON.parse(
      readFileSync(new URL("../../examples/minimal.json", import.meta.url), "utf8"),
    );
    const none = JSON.stringify(templateOf(readDeploymentConfiguration(minimal)).toJSON());
    expect(none).not.toMatch(/identitystore|"JWT"|\/web\//);
  });
});
