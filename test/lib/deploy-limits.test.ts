import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { execSessionPolicy, SESSION_POLICY_LIMIT } from "../../core/session-policies.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";

/*
 * What CloudFormation, IAM and STS refuse only once somebody deploys: held to its limit here, with the longest
 * configuration that is taken.
 */

const account = "111122223333";
const longest = `arn:aws:ecs:ap-southeast-1:${account}:cluster/`;
const bootstrap = [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }];

/** As many as may be named, with names of IAM's longest. */
const principals = Array.from(
  { length: 10 },
  (_, i) => `arn:aws:iam::${account}:user/emergency/${`${i}`.padStart(64, "p")}`,
);

function configured(clusters: string[]) {
  return readDeploymentConfiguration({
    home: { account, region: "us-east-1" },
    clusters,
    bootstrap,
    mayStopTasks: true,
    lastResort: { principals, mail: "on-call@example.com" },
  });
}

/** As many clusters of 32 letters as a configuration may name. */
function asManyAsAreTaken() {
  const names: string[] = [];
  for (;;) {
    const next = [...names, `${longest}${`${names.length}`.padStart(32, "c")}`];
    try {
      configured(next);
    } catch {
      return { configuration: configured(names), clusters: names.length };
    }
    names.push(next.at(-1) ?? "");
  }
}

const { configuration, clusters } = asManyAsAreTaken();
const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
const template = Template.fromStack(new GatewayStack(app, "Sallyport", { configuration }));

type Properties = { [name: string]: unknown };
function properties(type: string): Properties[] {
  const found = template.findResources(type) as { [id: string]: { Properties: Properties } };
  return Object.values(found).map(({ Properties: of }) => of);
}

/** As it is sent: what is still a reference gets the length of a name or ARN that it may stand for. */
function sentLength(value: unknown): number {
  return JSON.stringify(value, (_, member: unknown) => {
    const isReference =
      typeof member === "object" &&
      member !== null &&
      Object.keys(member).some((key) => key === "Ref" || key.startsWith("Fn::"));
    return isReference ? "r".repeat(100) : member;
  }).length;
}

/** A value as it is when it is deployed, references as long as above. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const join = (value as { "Fn::Join"?: [string, unknown[]] })["Fn::Join"];
  return join === undefined ? "r".repeat(100) : join[1].map(textOf).join(join[0]);
}

describe(`a deployment of ${clusters} clusters`, () => {
  it("is more than a few", () => {
    expect(clusters).toBeGreaterThan(25);
  });

  it("keeps the inline policies of each role within IAM's 10,240 characters, and its trust within 2,048", () => {
    for (const role of properties("AWS::IAM::Role")) {
      const policies = (role["Policies"] ?? []) as { PolicyDocument: unknown }[];
      const inline = policies.map(({ PolicyDocument }) => sentLength(PolicyDocument));
      const name = JSON.stringify(role["RoleName"]);
      expect(
        inline.reduce((sum, one) => sum + one, 0),
        name,
      ).toBeLessThan(10_240);
      expect(sentLength(role["AssumeRolePolicyDocument"]), name).toBeLessThan(2_048);
    }
  });

  it("keeps each function's environment within Lambda's 4,096 bytes", () => {
    const environments = properties("AWS::Lambda::Function").flatMap(({ Environment }) =>
      Environment === undefined ? [] : [(Environment as { Variables: object }).Variables],
    );
    expect(environments.length).toBeGreaterThanOrEqual(5);
    for (const variables of environments) {
      const bytes = Object.entries(variables).map(
        ([name, value]) => name.length + Buffer.byteLength(textOf(value)),
      );
      expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(4_096);
    }
  });

  it("asks for no reserved concurrency, which a new account has not got", () => {
    for (const of of properties("AWS::Lambda::Function")) {
      expect(of["ReservedConcurrentExecutions"]).toBeUndefined();
    }
  });

  it("gives API Gateway one permission for each function, whose policy ends at 20 KB", () => {
    const functions = properties("AWS::Lambda::Permission")
      .filter(({ Principal }) => Principal === "apigateway.amazonaws.com")
      .map(({ FunctionName }) => JSON.stringify(FunctionName));
    expect(functions.length).toBe(3);
    expect(new Set(functions).size).toBe(functions.length);
  });
});

describe("a session policy", () => {
  it("of the longest names stays within what STS takes", () => {
    const cluster = "c".repeat(255);
    const arn = `arn:aws-us-gov:ecs:us-gov-west-1:${account}`;
    const policy = execSessionPolicy({
      clusterArn: `${arn}:cluster/${cluster}`,
      taskArn: `${arn}:task/${cluster}/${"a".repeat(32)}`,
      container: "n".repeat(255),
      notAfter: Date.UTC(2026, 10, 25),
    });
    const { length } = JSON.stringify(policy);
    expect(length).toBeGreaterThan(700);
    expect(length).toBeLessThan(SESSION_POLICY_LIMIT);
  });
});
