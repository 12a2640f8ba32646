import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { BREAK_GLASS_METRIC, metricNames } from "../../core/metrics.ts";
import {
  endSessionPolicy,
  execSessionPolicy,
  SESSION_POLICY_LIMIT,
  stopTaskSessionPolicy,
} from "../../core/session-policies.ts";
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

const everySwitch = {
  home: { account, region: "us-east-1" },
  bootstrap,
  mayStopTasks: true,
  deepPreflight: true,
  identityCenter: { identityStoreId: "d-1234567890", region: "us-east-1" },
  ownKeys: true,
  tracing: true,
  network: {
    vpcId: "vpc-0123456789abcdef0",
    subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
    securityGroupIds: ["sg-0123456789abcdef0"],
    stsEndpointId: "vpce-0123456789abcdef0",
  },
  deployRoleArns: Array.from(
    { length: 4 },
    (_, i) => `arn:aws:iam::${account}:role/cdk/${`${i}`.padStart(64, "d")}`,
  ),
};
const oidc = ["people", "programs"].map((kind) => ({
  name: kind,
  issuer: `https://${kind}.login.example.com/`,
  audience: "sallyport",
  kind,
}));

function configured(clusters: string[], more: object = {}) {
  return readDeploymentConfiguration({
    ...everySwitch,
    ...more,
    clusters,
    lastResort: { principals, mail: "on-call@example.com" },
  });
}

/** As many clusters as a configuration may name. */
function asManyAsAreTaken(nth: (n: number) => string, more: object = {}) {
  const names: string[] = [];
  for (;;) {
    const next = [...names, nth(names.length)];
    try {
      configured(next, more);
    } catch {
      return { configuration: configured(names, more), clusters: names.length };
    }
    names.push(next.at(-1) ?? "");
  }
}

const inOneAccount = asManyAsAreTaken((n) => `${longest}${`${n}`.padStart(32, "c")}`);
const inAnAccountEach = asManyAsAreTaken(
  (n) => `arn:aws:ecs:ap-southeast-1:${String(222_200_000_000 + n)}:cluster/production-${n}`,
  { oidc },
);

type Properties = { [name: string]: unknown };
type Of = (type: string) => Properties[];

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

describe.each([
  ["of one account", inOneAccount],
  ["of an account each, with tokens", inAnAccountEach],
])("a deployment of as many clusters as are taken, %s", (_, { configuration, clusters }) => {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  const template = Template.fromStack(new GatewayStack(app, "Sallyport", { configuration }));
  const properties: Of = (type) => {
    const found = template.findResources(type) as { [id: string]: { Properties: Properties } };
    return Object.values(found).map(({ Properties: of }) => of);
  };

  it("is of more than a few", () => {
    expect(clusters).toBeGreaterThan(20);
  });

  it("keeps the inline policies of each role within IAM's 10,240 characters, its trust within 2,048, its name within 64", () => {
    const attached = properties("AWS::IAM::Policy");
    const roles = Object.entries(template.findResources("AWS::IAM::Role"));
    expect(roles.length).toBeGreaterThan(6);
    for (const [id, { Properties: role }] of roles as [string, { Properties: Properties }][]) {
      const own = (role["Policies"] ?? []) as { PolicyDocument: unknown }[];
      const more = attached
        .filter(({ Roles: of }) => JSON.stringify(of).includes(`"${id}"`))
        .map(({ PolicyDocument }) => ({ PolicyDocument }));
      const inline = [...own, ...more].map(({ PolicyDocument }) => sentLength(PolicyDocument));
      const name = String(role["RoleName"]);
      expect(
        inline.reduce((sum, one) => sum + one, 0),
        name,
      ).toBeLessThan(10_240);
      expect(sentLength(role["AssumeRolePolicyDocument"]), name).toBeLessThan(2_048);
      expect(name.length, name).toBeLessThanOrEqual(64);
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
      const all = bytes.reduce((sum, one) => sum + one, 0);
      expect(all).toBeLessThan(4_096);
      // It is this that limits how many may be named.
      expect(all).toBeGreaterThan(3_000);
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

  it("keeps the record's own policy within DynamoDB's 20 KB", () => {
    const own = properties("AWS::DynamoDB::GlobalTable").flatMap(({ Replicas: of }) =>
      (of as Properties[]).flatMap(({ ResourcePolicy: policy }) => policy ?? []),
    );
    expect(own).toHaveLength(1);
    expect(sentLength(own[0])).toBeLessThan(20_480);
  });
});

it("no more than twelve metrics are made, each of which costs", () => {
  const all = new Set([...metricNames, BREAK_GLASS_METRIC]);
  expect(all.size).toBeGreaterThan(3);
  expect(all.size).toBeLessThanOrEqual(12);
});

describe("a session policy", () => {
  it("is held to what STS takes", () => expect(SESSION_POLICY_LIMIT).toBe(2_048));

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

  it("that ends a session, or stops a task, stays within it too", () => {
    const place = { account, region: "us-gov-west-1" };
    const task = `arn:aws-us-gov:ecs:us-gov-west-1:${account}:task/${"c".repeat(255)}/${"a".repeat(32)}`;
    for (const policy of [
      endSessionPolicy("aws-us-gov", place, "s".repeat(96)),
      stopTaskSessionPolicy(task),
    ]) {
      expect(JSON.stringify(policy).length).toBeLessThan(SESSION_POLICY_LIMIT);
    }
  });
});
