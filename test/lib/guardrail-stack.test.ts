import { readFileSync } from "node:fs";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { guardrails, PASSED_TO } from "../../core/guardrails.ts";
import { addStacks } from "../../lib/deployment.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { isAllowedUnder } from "../kit/under-guardrails.ts";

const example = (name: string): { [field: string]: unknown } =>
  JSON.parse(readFileSync(new URL(`../../examples/${name}.json`, import.meta.url), "utf8"));
const { ownKeys, domain } = example("own-everything");
const { oidc } = example("oidc");
const manyAccounts = example("many-accounts");

/** Every stack of many accounts, with a key, a domain and issuers of its own besides. */
function stacksOf(stage: "observe" | "enforce"): { stack: Stack; template: Template }[] {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  const guardrail = { ...(manyAccounts["guardrail"] as object), stage };
  addStacks(
    app,
    readDeploymentConfiguration({ ...manyAccounts, ownKeys, domain, oidc, guardrail }),
  );
  const stacks = app.node.children.filter((child) => child instanceof Stack);
  return stacks.map((stack) => ({ stack, template: Template.fromStack(stack) }));
}

const enforced = stacksOf("enforce");
const guard = (stacks: typeof enforced) =>
  stacks.filter(({ stack }) => stack.node.id === "Guardrail");
const policies = guardrails({
  partition: "aws",
  deployRoleArns: manyAccounts["deployRoleArns"] as string[],
  recoveryRoleArns: manyAccounts["recoveryRoleArns"] as string[],
  apiId: "a1b2c3d4e5",
  domainName: "exec.example.com",
});

interface Resource {
  Type: string;
  Properties?: { [name: string]: unknown };
}

describe("GuardrailStack", () => {
  it("stands in the account that manages the organization's policies, and no other stack has one", () => {
    const [only, ...more] = guard(enforced);
    expect(more).toEqual([]);
    expect(only?.stack.account).toBe("999900001111");
    for (const { stack, template } of enforced) {
      const found = Object.keys(template.findResources("AWS::Organizations::Policy"));
      expect(found).toHaveLength(stack === only?.stack ? policies.length : 0);
    }
  });

  it("makes the policies as they are written, and attaches them to what is configured", () => {
    const [only] = guard(enforced);
    const made = Object.values(only?.template.findResources("AWS::Organizations::Policy") ?? {});
    expect(made.map(({ Properties: properties }) => properties)).toEqual(
      policies.map(({ name, description, content }) => ({
        Name: name,
        Description: description,
        Type: "SERVICE_CONTROL_POLICY",
        Content: content,
        TargetIds: ["ou-ab12-34cd56ef", "111122223333"],
      })),
    );
  });

  it("attaches them to nothing while it observes", () => {
    const [only] = guard(stacksOf("observe"));
    const made = Object.values(only?.template.findResources("AWS::Organizations::Policy") ?? {});
    expect(made).toHaveLength(policies.length);
    for (const { Properties: properties } of made) {
      expect(properties).not.toHaveProperty("TargetIds");
    }
  });
});

/*
 * What is deployed, by its kind: a call that would change it, and its ARN. A resource has the name it is given, or
 * the one CloudFormation makes of the stack's name and its id.
 */
const changedBy: {
  [type: string]: {
    action: string;
    resource: string;
    context?: { [key: string]: string | string[] };
  };
} = {
  "AWS::DynamoDB::GlobalTable": {
    action: "dynamodb:DeleteTable",
    resource: "dynamodb:R:A:table/N",
  },
  "AWS::Lambda::Function": {
    action: "lambda:UpdateFunctionCode",
    resource: "lambda:R:A:function:N",
  },
  "AWS::Lambda::EventInvokeConfig": {
    action: "lambda:PutFunctionEventInvokeConfig",
    resource: "lambda:R:A:function:N",
  },
  "AWS::Lambda::Permission": { action: "lambda:AddPermission", resource: "lambda:R:A:function:N" },
  "AWS::Lambda::EventSourceMapping": {
    action: "lambda:DeleteEventSourceMapping",
    resource: "lambda:R:A:event-source-mapping:12345678-1234-1234-1234-123456789012",
    context: { "lambda:FunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:sallyport-N" },
  },
  "AWS::Logs::LogGroup": { action: "logs:DeleteLogGroup", resource: "logs:R:A:log-group:N" },
  "AWS::Logs::MetricFilter": {
    action: "logs:DeleteMetricFilter",
    resource: "logs:R:A:log-group:N",
  },
  "AWS::IAM::Role": { action: "iam:DeleteRole", resource: "iam::A:role/sallyport/N" },
  "AWS::IAM::Policy": { action: "iam:PutRolePolicy", resource: "iam::A:role/sallyport/N" },
  "AWS::SQS::Queue": { action: "sqs:DeleteQueue", resource: "sqs:R:A:N" },
  "AWS::SQS::QueuePolicy": { action: "sqs:SetQueueAttributes", resource: "sqs:R:A:N" },
  "AWS::SNS::Topic": { action: "sns:DeleteTopic", resource: "sns:R:A:N" },
  "AWS::SNS::TopicPolicy": { action: "sns:SetTopicAttributes", resource: "sns:R:A:N" },
  "AWS::SNS::Subscription": { action: "sns:Subscribe", resource: "sns:R:A:N" },
  "AWS::CloudWatch::Alarm": {
    action: "cloudwatch:DeleteAlarms",
    resource: "cloudwatch:R:A:alarm:N",
  },
  "AWS::Events::EventBus": { action: "events:DeleteEventBus", resource: "events:R:A:event-bus/N" },
  "AWS::Events::Rule": { action: "events:DisableRule", resource: "events:R:A:rule/N" },
  "AWS::KMS::Key": {
    action: "kms:ScheduleKeyDeletion",
    resource: "kms:R:A:key/12345678-1234-1234-1234-123456789012",
    context: { "kms:ResourceAliases": ["alias/sallyport"] },
  },
  "AWS::KMS::Alias": { action: "kms:DeleteAlias", resource: "kms:R:A:N" },
  "AWS::ApiGatewayV2::Api": {
    action: "apigateway:DELETE",
    resource: "apigateway:R::/apis/a1b2c3d4e5",
  },
  "AWS::ApiGatewayV2::Route": {
    action: "apigateway:PATCH",
    resource: "apigateway:R::/apis/a1b2c3d4e5/routes/x1",
  },
  "AWS::ApiGatewayV2::Authorizer": {
    action: "apigateway:PATCH",
    resource: "apigateway:R::/apis/a1b2c3d4e5/authorizers/x1",
  },
  "AWS::ApiGatewayV2::Integration": {
    action: "apigateway:PATCH",
    resource: "apigateway:R::/apis/a1b2c3d4e5/integrations/x1",
  },
  "AWS::ApiGatewayV2::Stage": {
    action: "apigateway:PATCH",
    resource: "apigateway:R::/apis/a1b2c3d4e5/stages/$default",
  },
  "AWS::ApiGatewayV2::DomainName": {
    action: "apigateway:DELETE",
    resource: "apigateway:R::/domainnames/exec.example.com",
  },
  "AWS::ApiGatewayV2::ApiMapping": {
    action: "apigateway:DELETE",
    resource: "apigateway:R::/domainnames/exec.example.com/apimappings/x1",
  },
};

/** What is not guarded, and why it may be left. */
const left: { [type: string]: string } = {
  "AWS::Route53::RecordSet":
    "it lies in a zone that is not ours, and leads nowhere that answers for us",
  "AWS::CloudWatch::Dashboard": "nothing is decided or alarmed by a page",
  "AWS::Events::EventBusPolicy":
    "IAM knows no resource for it: denied for our bus it would be for every other; what comes over ours decides nothing",
  "AWS::Logs::ResourcePolicy":
    "IAM knows no resource for it; without it the log of who goes round us ends, and no alarm does",
  "AWS::Logs::QueryDefinition": "a query that somebody may take away",
};

const NAMES = [
  "FunctionName",
  "RoleName",
  "Name",
  "TableName",
  "QueueName",
  "TopicName",
  "AliasName",
];

describe("the guardrail over what is deployed", () => {
  const deployed = enforced
    .filter(({ stack }) => stack.node.id !== "Guardrail")
    .flatMap(({ stack, template }) =>
      Object.entries(template.toJSON()["Resources"] as { [id: string]: Resource }).map(
        ([id, { Type: type, Properties: properties = {} }]) => {
          const given = NAMES.map((key) => properties[key]).find(
            (name) => typeof name === "string",
          );
          const made = `${stack.stackName}-${id.slice(0, 24)}-x1y2z3`;
          return { stack, type, name: type.endsWith("Rule") ? made : String(given ?? made) };
        },
      ),
    );

  it.each(
    [...new Set(deployed.map(({ type }) => type))].filter((type) => left[type] === undefined),
  )("keeps every %s from all but who deploys", async (type) => {
    const change = changedBy[type];
    if (change === undefined) {
      throw new Error(
        `nobody has said what guards ${type}: add it to changedBy here, and to core/guardrails.ts, or to left with the reason`,
      );
    }
    for (const { stack, name } of deployed.filter((one) => one.type === type)) {
      const [service = "", ...rest] = change.resource.split(":");
      const resource = `arn:aws:${service}:${rest.join(":")}`
        .replace(":R:", `:${stack.region}:`)
        .replace(":A:", `:${stack.account}:`)
        .replace(/N$/, name);
      const call = (role: string) => ({
        roleArn: `arn:aws:iam::${stack.account}:role/${role}`,
        action: change.action,
        resource,
        ...(change.context === undefined ? {} : { context: change.context }),
      });
      expect([resource, await isAllowedUnder(policies, call("Admin"))]).toEqual([resource, false]);
      const deployer = `cdk-hnb659fds-cfn-exec-role-${stack.account}-${stack.region}`;
      expect([resource, await isAllowedUnder(policies, call(deployer))]).toEqual([resource, true]);
    }
  });

  it("leaves alone only what it says", () => {
    const types = new Set(deployed.map(({ type }) => type));
    expect(Object.keys(left).filter((type) => !types.has(type))).toEqual([
      "AWS::CloudWatch::Dashboard",
    ]);
    expect(Object.keys(changedBy).filter((type) => !types.has(type))).toEqual([]);
  });

  it("lets who deploys hand the gateway's roles to the services that take them", () => {
    const services = enforced.flatMap(({ template }) =>
      Object.values(template.findResources("AWS::IAM::Role")).flatMap(
        ({ Properties: properties }) =>
          [properties.AssumeRolePolicyDocument.Statement]
            .flat()
            .flatMap(({ Principal: principal }) =>
              principal?.Service === undefined ? [] : [principal.Service],
            ),
      ),
    );
    expect(new Set(services)).toEqual(new Set(PASSED_TO));
  });
});
