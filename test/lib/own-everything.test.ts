import { readdirSync, readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";

/*
 * The switches of a configuration, one test for each: on in examples/own-everything.json, off in minimal.json.
 */

function templateOf(example: string): Template {
  const file = readFileSync(new URL(`../../examples/${example}.json`, import.meta.url), "utf8");
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  return Template.fromStack(
    new GatewayStack(app, "Sallyport", {
      configuration: readDeploymentConfiguration(JSON.parse(file)),
    }),
  );
}

const on = templateOf("own-everything");
const off = templateOf("minimal");

type Properties = { [name: string]: unknown };
function all(template: Template, type: string): Properties[] {
  return Object.values(template.findResources(type)).map((one) => one["Properties"] as Properties);
}

/** What of a template is one thing only where it is switched on. */
function only(template: Template, type: string): Properties {
  const [one, ...more] = all(template, type);
  if (one === undefined || more.length > 0) throw new Error(`not one ${type}`);
  return one;
}

describe("ownKeys", () => {
  it("encrypts tables, logs, queue and topic with one key that turns and is kept", () => {
    const [[keyId, key] = [], ...more] = Object.entries(on.findResources("AWS::KMS::Key"));
    expect(more).toEqual([]);
    expect(key).toMatchObject({
      DeletionPolicy: "Retain",
      Properties: { EnableKeyRotation: true },
    });
    const named = (value: unknown): boolean => JSON.stringify(value).includes(`"${keyId}"`);
    const tables = all(on, "AWS::DynamoDB::GlobalTable");
    const logs = all(on, "AWS::Logs::LogGroup");
    expect([tables.length, logs.length]).toEqual([3, 7]);
    for (const table of tables) expect(named(table["Replicas"])).toBe(true);
    for (const log of logs) expect(named(log["KmsKeyId"])).toBe(true);
    const queues = all(on, "AWS::SQS::Queue");
    expect(queues).toHaveLength(3);
    for (const queue of queues) expect(named(queue["KmsMasterKeyId"])).toBe(true);
    expect(named(only(on, "AWS::SNS::Topic")["KmsMasterKeyId"])).toBe(true);
  });

  it("lets functions use the key through DynamoDB alone", () => {
    const roles = all(on, "AWS::IAM::Role").filter(({ RoleName: name }) =>
      String(name).startsWith("sallyport-lambda-"),
    );
    const statements = roles.flatMap((role) =>
      (role["Policies"] as { PolicyName: string; PolicyDocument: { Statement: Properties[] } }[])
        .filter(({ PolicyName: name }) => name === "key")
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    );
    expect(statements).toHaveLength(roles.length);
    for (const statement of statements) {
      expect(statement["Condition"]).toEqual({
        StringEquals: { "kms:ViaService": "dynamodb.us-east-1.amazonaws.com" },
      });
    }
  });

  it("makes no key where it is off", () => {
    expect(all(off, "AWS::KMS::Key")).toEqual([]);
  });
});

describe("network", () => {
  it("puts every function into the subnets and security groups that are named", () => {
    const placed = all(on, "AWS::Lambda::Function").map(({ VpcConfig: vpc }) => vpc);
    expect(placed.length).toBeGreaterThan(4);
    for (const vpc of placed) {
      expect(vpc).toEqual({
        SubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        SecurityGroupIds: ["sg-0123456789abcdef0"],
      });
    }
    for (const one of all(off, "AWS::Lambda::Function")) expect(one["VpcConfig"]).toBeUndefined();
  });

  it("lets every assumption of a target account's role come through the endpoint of STS alone", () => {
    const assumptions = (template: Template): Properties[] =>
      all(template, "AWS::IAM::Role")
        .filter(({ RoleName: name }) => /^sallyport-(?:read|exec|end)$/.test(String(name)))
        .flatMap(
          (role) => (role["AssumeRolePolicyDocument"] as { Statement: Properties[] }).Statement,
        )
        .filter(({ Action: action }) => JSON.stringify(action) === '["sts:AssumeRole"]');
    expect(assumptions(on)).toHaveLength(5);
    for (const { Condition: condition } of assumptions(on)) {
      expect(condition).toMatchObject({
        StringEquals: { "aws:SourceVpce": "vpce-0123456789abcdef0" },
      });
    }
    expect(JSON.stringify(assumptions(off))).not.toContain("SourceVpce");
  });

  it("keeps the right to network interfaces from the functions' own code", () => {
    const roles = all(on, "AWS::IAM::Role").filter(({ RoleName: name }) =>
      String(name).startsWith("sallyport-lambda-"),
    );
    expect(roles.length).toBeGreaterThan(4);
    for (const role of roles) {
      const [own] = (
        role["Policies"] as { PolicyName: string; PolicyDocument: { Statement: Properties[] } }[]
      ).filter(({ PolicyName: name }) => name === "network");
      const { Statement: statements } = own?.PolicyDocument ?? { Statement: [] };
      const [granted, denied, ...more] = statements;
      expect(more).toEqual([]);
      expect(granted).toMatchObject({ Effect: "Allow", Resource: "*" });
      expect(denied).toMatchObject({
        Effect: "Deny",
        Action: granted?.["Action"],
        Resource: "*",
      });
      expect(JSON.stringify(denied?.["Condition"])).toMatch(
        /^\{"ArnLike":\{"lambda:SourceFunctionArn":.*:lambda:\*:111122223333:function:\*/,
      );
    }
  });
});

describe("domain", () => {
  it("answers by that name from TLS 1.2 on, and no longer by API Gateway's own", () => {
    expect(only(on, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"]).toBe(true);
    const { DomainName: name, DomainNameConfigurations: made } = only(
      on,
      "AWS::ApiGatewayV2::DomainName",
    );
    expect(name).toBe("exec.example.com");
    expect(made).toEqual([expect.objectContaining({ SecurityPolicy: "TLS_1_2" })]);
    on.hasResourceProperties("AWS::Route53::RecordSet", {
      Name: "exec.example.com.",
      HostedZoneId: "Z0123456789ABCDEFGHIJ",
    });
    on.hasOutput("Url", { Value: "https://exec.example.com" });
    expect(only(off, "AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"]).toBe(false);
  });
});

describe("alarmMail", () => {
  it("mails every alarm there is, over TLS", () => {
    const alarms = all(on, "AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(7);
    for (const alarm of alarms) expect(alarm["AlarmActions"]).toHaveLength(1);
    expect(only(on, "AWS::SNS::Subscription")).toMatchObject({
      Protocol: "email",
      Endpoint: "on-call@example.com",
    });
    const policy = only(on, "AWS::SNS::TopicPolicy");
    expect(JSON.stringify(policy)).toContain("aws:SecureTransport");
    // It takes the place of the policy that SNS gives a topic, which lets the account's alarms in.
    expect(policy["PolicyDocument"]).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: "Allow",
          Action: "sns:Publish",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "111122223333" } },
        }),
      ]),
    });
    for (const alarm of all(off, "AWS::CloudWatch::Alarm")) {
      expect(alarm["AlarmActions"]).toBeUndefined();
    }
  });
});

describe("dashboard and tracing", () => {
  it("shows one page, and tells X-Ray of every function's calls, only where it is asked for", () => {
    expect(all(on, "AWS::CloudWatch::Dashboard")).toHaveLength(1);
    expect(all(off, "AWS::CloudWatch::Dashboard")).toEqual([]);
    for (const one of all(on, "AWS::Lambda::Function")) {
      expect(one["TracingConfig"]).toEqual({ Mode: "Active" });
    }
    for (const one of all(off, "AWS::Lambda::Function")) {
      expect(one["TracingConfig"]).toBeUndefined();
    }
  });

  it("has no tracer in any function that could send a request or an answer along", () => {
    // S25: Powertools' Tracer captures what a handler answers, a session's token too, unless it is told not to.
    const environments = all(on, "AWS::Lambda::Function").map((one) => JSON.stringify(one));
    for (const environment of environments) {
      expect(environment).not.toMatch(/POWERTOOLS_TRACE|AWS_LAMBDA_EXEC_WRAPPER/);
    }
    // An extension or a layer, OpenTelemetry's for one, sees each event and answer.
    for (const one of all(on, "AWS::Lambda::Function")) expect(one["Layers"]).toBeUndefined();
    const { dependencies } = JSON.parse(
      readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
    ) as { dependencies: { [name: string]: string } };
    const tracers = /tracer|xray|opentelemetry/;
    expect(Object.keys(dependencies).filter((name) => tracers.test(name))).toEqual([]);
    const lock = readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8");
    expect(lock).not.toMatch(
      /"node_modules\/(?:@aws-lambda-powertools\/tracer|aws-xray-sdk[^"]*)"/,
    );
  });

  it("has nothing in the functions' code that would capture an answer", () => {
    const root = new URL("../../", import.meta.url);
    for (const folder of ["lambdas", "adapters", "lib"]) {
      const files = readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" });
      const sources = files.filter((file) => file.endsWith(".ts"));
      expect(sources.length).toBeGreaterThan(10);
      for (const file of sources) {
        const text = readFileSync(new URL(`${folder}/${file}`, root), "utf8");
        expect(/captureResponse|captureLambdaHandler|captureAWS|dataTrace/.test(text), file).toBe(
          false,
        );
      }
    }
  });
});
