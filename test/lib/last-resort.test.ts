import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { LAST_RESORT, lastResortRole } from "../../core/last-resort-role.ts";
import type { PolicyDocument } from "../../core/policy-document.ts";
import { addStacks } from "../../lib/deployment.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";

const account = "444455556666";
const olga = "arn:aws:iam::111122223333:user/emergency/olga.operator";
const role = `arn:aws:iam::${account}:role/sallyport/sallyport-last-resort`;
const prod = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const { trust, permissions } = lastResortRole({
  partition: "aws",
  account,
  clusters: [prod],
  principals: [olga],
  watchedRegions: ["us-east-1", "eu-west-1"],
});

const allowAll = {
  name: "all",
  policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
};

type Context = { [key: string]: string };

async function simulated(call: {
  principal: string;
  action: string;
  resource: string;
  context: Context;
  identity: { name: string; policy: object };
  trusted?: PolicyDocument;
}): Promise<boolean> {
  const result = await runSimulation(
    {
      request: {
        principal: call.principal,
        action: call.action,
        resource: { resource: call.resource, accountId: account },
        contextVariables: call.context,
      },
      identityPolicies: [call.identity],
      serviceControlPolicies: [{ orgIdentifier: "root", policies: [allowAll] }],
      resourceControlPolicies: [],
      ...(call.trusted === undefined ? {} : { resourcePolicy: call.trusted }),
    },
    {},
  );
  if (result.resultType === "error") throw new Error(JSON.stringify(result.errors));
  return result.overallResult === "Allowed";
}

/** Whether a user who may assume everything, as far as their own account goes, gets in. */
function getsIn(change: { [key: string]: string | undefined }, principal = olga): Promise<boolean> {
  const given = {
    "aws:MultiFactorAuthPresent": "true",
    "aws:MultiFactorAuthAge": "120",
    "aws:RequestedRegion": "us-east-1",
    ...change,
  };
  const context = Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const call = { principal, action: "sts:AssumeRole", resource: role, context };
  return simulated({ ...call, identity: allowAll, trusted: trust });
}

describe("the last resort's trust", () => {
  it("lets in who is named, with a second factor of this hour", async () => {
    expect(await getsIn({})).toBe(true);
    expect(await getsIn({ "aws:MultiFactorAuthAge": "3599" })).toBe(true);
    expect(await getsIn({ "aws:RequestedRegion": "eu-west-1" })).toBe(true);
  });

  it.each([
    ["no second factor", { "aws:MultiFactorAuthPresent": "false" }],
    [
      "nothing said of one",
      { "aws:MultiFactorAuthPresent": undefined, "aws:MultiFactorAuthAge": undefined },
    ],
    ["one of more than an hour ago", { "aws:MultiFactorAuthAge": "3601" }],
    ["no age of it", { "aws:MultiFactorAuthAge": undefined }],
    ["a region where nobody would hear of it", { "aws:RequestedRegion": "ap-south-1" }],
    ["no region", { "aws:RequestedRegion": undefined }],
  ])("refuses %s", async (_, change) => {
    expect(await getsIn(change)).toBe(false);
  });

  it("refuses everybody else, whatever their own policies say", async () => {
    for (const other of [
      "arn:aws:iam::111122223333:user/olga.operator",
      `arn:aws:iam::${account}:user/emergency/olga.operator`,
      `arn:aws:iam::${account}:user/admin`,
    ]) {
      expect([other, await getsIn({}, other)]).toEqual([other, false]);
    }
  });
});

describe("the last resort's permissions", () => {
  const may = (action: string, resource: string, context: Context = {}): Promise<boolean> =>
    simulated({
      principal: `arn:aws:sts::${account}:assumed-role/sallyport-last-resort/olga`,
      action,
      resource,
      context,
      identity: { name: "last-resort", policy: permissions },
    });
  const task = (cluster: string): string =>
    `arn:aws:ecs:us-east-1:${account}:task/${cluster}/0123456789abcdef0123456789abcdef`;
  const inProd = { "ecs:cluster": prod };
  const elsewhere = { "ecs:cluster": prod.replace("prod", "other") };
  const session = `arn:aws:ssm:us-east-1:${account}:session/`;

  it("are to go into a container of a configured cluster, and to find it", async () => {
    expect(await may("ecs:ExecuteCommand", task("prod"), inProd)).toBe(true);
    expect(await may("ecs:ExecuteCommand", prod, inProd)).toBe(true);
    expect(await may("ecs:DescribeTasks", task("prod"), inProd)).toBe(true);
    expect(await may("ecs:ListTasks", "*", inProd)).toBe(true);
    expect(await may("ssm:TerminateSession", `${session}ecs-execute-command-0a1b2c`)).toBe(true);
  });

  it("are for no other cluster, and no other session", async () => {
    expect(await may("ecs:ExecuteCommand", task("other"), elsewhere)).toBe(false);
    expect(await may("ecs:ExecuteCommand", task("prod"), {})).toBe(false);
    expect(await may("ecs:ListTasks", "*", elsewhere)).toBe(false);
    expect(await may("ssm:TerminateSession", `${session}olga-0a1b2c`)).toBe(false);
    expect(await may("ssm:StartSession", task("prod"))).toBe(false);
    expect(await may("ssm:ResumeSession", `${session}ecs-execute-command-0a1b2c`)).toBe(false);
    expect(await may("ecs:StopTask", task("prod"), inProd)).toBe(false);
    expect(await may("ecs:RunTask", "*", inProd)).toBe(false);
  });

  it("ask for a session's key only in the name of one of ECS Exec in a configured cluster", () => {
    // The evaluator knows no encryption context: read as it is written.
    const [keys, ...more] = permissions.Statement.filter(({ Action }) =>
      Action.some((action) => action.startsWith("kms:")),
    );
    expect(more).toEqual([]);
    expect(keys).toMatchObject({
      Action: ["kms:GenerateDataKey"],
      Resource: [`arn:aws:kms:us-east-1:${account}:key/*`],
      Condition: {
        StringLike: {
          "kms:EncryptionContext:aws:ssm:SessionId": "ecs-execute-command-*",
          "kms:EncryptionContext:aws:ssm:TargetId": ["ecs:prod_*"],
        },
      },
    });
  });
});

describe("the last resort as it is deployed", () => {
  const example: { [field: string]: unknown } = JSON.parse(
    readFileSync(new URL("../../examples/many-accounts.json", import.meta.url), "utf8"),
  );
  function stacksOf(change: { [field: string]: unknown }): { stack: Stack; template: Template }[] {
    const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
    addStacks(
      app,
      readDeploymentConfiguration(JSON.parse(JSON.stringify({ ...example, ...change }))),
    );
    return app.node.children
      .filter((child) => child instanceof Stack && child.node.id !== "Guardrail")
      .map((child) => ({ stack: child as Stack, template: Template.fromStack(child as Stack) }));
  }
  const stacks = stacksOf({});
  const rolesOf = (template: Template) =>
    Object.values(
      template.findResources("AWS::IAM::Role", { Properties: { RoleName: LAST_RESORT } }),
    );
  const rulesOf = (template: Template) =>
    Object.entries(template.findResources("AWS::Events::Rule")).filter(([id]) =>
      id.startsWith("LastResortAlarm"),
    );

  it("is one role in each account with clusters, which can be assumed only where its use is watched for", () => {
    const byAccount = Map.groupBy(stacks, ({ stack }) => stack.account);
    expect([...byAccount.keys()].toSorted()).toEqual([
      "111122223333",
      "444455556666",
      "777788889999",
    ]);
    for (const [of, there] of byAccount) {
      const [found, ...more] = there.flatMap(({ template }) => rolesOf(template));
      expect([of, more]).toEqual([of, []]);
      const [statement] = found?.Properties.AssumeRolePolicyDocument.Statement ?? [];
      const watched = there
        .filter(({ template }) => rulesOf(template).length === 1)
        .map(({ stack }) => stack.region);
      expect(statement.Condition.StringEquals["aws:RequestedRegion"].toSorted()).toEqual(
        watched.toSorted(),
      );
      expect(found?.Properties.MaxSessionDuration).toBe(3_600);
    }
  });

  it("goes into its own account's clusters alone", () => {
    for (const { stack, template } of stacks) {
      for (const one of rolesOf(template)) {
        const text = JSON.stringify(one.Properties.Policies);
        expect(new Set(text.match(/\d{12}/g))).toEqual(new Set([stack.account]));
        expect(text.match(/cluster\/[^"]+/g)).toContain(
          stack.account === "111122223333" ? "cluster/tools" : "cluster/prod",
        );
      }
    }
  });

  it("mails each use and stands as an alarm, by no function of the gateway's", () => {
    for (const { stack, template } of stacks) {
      const [[ruleId, rule] = ["", undefined]] = rulesOf(template);
      expect(rule?.Properties.EventPattern).toEqual({
        source: ["aws.sts"],
        "detail-type": ["AWS API Call via CloudTrail"],
        detail: {
          eventName: ["AssumeRole"],
          requestParameters: {
            roleArn: [`arn:aws:iam::${stack.account}:role/sallyport/${LAST_RESORT}`],
          },
        },
      });
      const [target, ...more] = rule?.Properties.Targets ?? [];
      expect(more).toEqual([]);
      const topicId = target.Arn.Ref as string;
      expect(template.findResources("AWS::SNS::Topic")).toHaveProperty(topicId);
      template.hasResourceProperties("AWS::SNS::Subscription", {
        Protocol: "email",
        Endpoint: "security@example.com",
        TopicArn: { Ref: topicId },
      });
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AWS/Events",
        MetricName: "TriggeredRules",
        Dimensions: [{ Name: "RuleName", Value: { Ref: ruleId } }],
        Threshold: 1,
        AlarmActions: [{ Ref: topicId }],
      });
      // A topic's own policy takes the place of SNS's: both have to be let in by it.
      const [policy] = Object.values(template.findResources("AWS::SNS::TopicPolicy")).filter(
        ({ Properties: properties }) => JSON.stringify(properties.Topics).includes(`"${topicId}"`),
      );
      const publishers = policy?.Properties.PolicyDocument.Statement.filter(
        ({ Effect: effect }: { Effect: string }) => effect === "Allow",
      ).map(({ Principal: principal }: { Principal: { Service: string } }) => principal.Service);
      expect(publishers.toSorted()).toEqual(["cloudwatch.amazonaws.com", "events.amazonaws.com"]);
    }
  });

  it("can be assumed only once its use is heard of", () => {
    for (const { template } of stacks) {
      const [[ruleId] = [""]] = rulesOf(template);
      for (const one of rolesOf(template)) expect(one.DependsOn).toContain(ruleId);
    }
  });

  it("is mailed to who hears of alarms where nobody else is named, and is not there unless configured", () => {
    const { mail: _, ...unnamed } = example["lastResort"] as { mail: string };
    for (const { template } of stacksOf({ lastResort: unnamed })) {
      template.hasResourceProperties("AWS::SNS::Subscription", { Endpoint: "on-call@example.com" });
    }
    for (const { template } of stacksOf({ lastResort: undefined })) {
      expect(JSON.stringify(template.toJSON())).not.toContain(LAST_RESORT);
    }
  });
});
