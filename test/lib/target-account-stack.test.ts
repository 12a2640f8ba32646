import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { endRole, execRole, readRole, roleArn } from "../../core/roles.ts";
import { addStacks } from "../../lib/deployment.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import type { TargetAccountStack } from "../../lib/target-account-stack.ts";

const example = new URL("../../examples/many-accounts.json", import.meta.url);
const configuration = readDeploymentConfiguration(JSON.parse(readFileSync(example, "utf8")));
const home = "111122223333";

const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
addStacks(app, configuration);

function stackOf(id: string): TargetAccountStack {
  return app.node.findChild(id) as TargetAccountStack;
}
const templateOf = (id: string): Template => Template.fromStack(stackOf(id));

interface RoleProperties {
  RoleName: string;
  AssumeRolePolicyDocument: unknown;
  Policies: { PolicyDocument: unknown }[];
}

function rolesIn(id: string): { [name: string]: RoleProperties } {
  const found = templateOf(id).findResources("AWS::IAM::Role") as {
    [logicalId: string]: { Properties: RoleProperties };
  };
  const all = Object.values(found).map(({ Properties: properties }) => properties);
  return Object.fromEntries(all.map((role) => [role.RoleName, role]));
}

const ROLES = ["sallyport-end", "sallyport-exec", "sallyport-read"];

describe("the stacks of many accounts", () => {
  it("stand once in each account and region that has clusters, and after the gateway they trust", () => {
    const targets = app.node.children
      .map(({ node }) => node.id)
      .filter((id) => id !== "Sallyport" && id !== "Guardrail");
    expect(targets.toSorted()).toEqual([
      "Target-111122223333-eu-west-1",
      "Target-444455556666-eu-west-1",
      "Target-444455556666-us-east-1",
      "Target-777788889999-us-east-1",
    ]);
    for (const id of targets) {
      expect(stackOf(id).dependencies.map(({ node }) => node.id)).toEqual(["Sallyport"]);
    }
  });

  it("hold an account's three roles once, however many regions it has", () => {
    const withRoles = (id: string): boolean =>
      ROLES.every((name) => Object.keys(rolesIn(id)).includes(name));
    expect(withRoles("Target-444455556666-us-east-1")).toBe(true);
    expect(withRoles("Target-777788889999-us-east-1")).toBe(true);
    expect(Object.keys(rolesIn("Target-444455556666-eu-west-1"))).toEqual([
      "sallyport-forward-eu-west-1",
    ]);
    // Those of the home account are in the gateway's own stack.
    expect(Object.keys(rolesIn("Target-111122223333-eu-west-1"))).toEqual([
      "sallyport-forward-eu-west-1",
    ]);
    expect(withRoles("Sallyport")).toBe(true);
  });

  it("trust the functions of the home account, for that account's clusters and no other's", () => {
    const account = "444455556666";
    const arnOf = (name: string): string => roleArn("aws", home, `sallyport-lambda-${name}`);
    const own = {
      partition: "aws",
      account,
      clusters: [
        `arn:aws:ecs:us-east-1:${account}:cluster/prod`,
        `arn:aws:ecs:eu-west-1:${account}:cluster/prod`,
      ],
      functionRoleArns: {
        requests: arnOf("requests"),
        decide: arnOf("decide"),
        exec: arnOf("exec"),
        sweeper: arnOf("sweeper"),
        watcher: arnOf("watcher"),
      },
      mayStopTasks: false,
      deepPreflight: true,
    };
    const roles = rolesIn("Target-444455556666-us-east-1");
    for (const wanted of [readRole(own), execRole(own), endRole(own)]) {
      const role = roles[wanted.name];
      expect(role?.AssumeRolePolicyDocument).toEqual(wanted.trust);
      expect(role?.Policies.map(({ PolicyDocument }) => PolicyDocument)).toEqual([
        wanted.permissions,
      ]);
    }
    expect(JSON.stringify(roles)).not.toContain("777788889999");
  });

  it("forward what CloudTrail sees to the gateway's bus, and may put events there alone", () => {
    const bus = `arn:aws:events:us-east-1:${home}:event-bus/sallyport`;
    for (const id of ["Target-444455556666-eu-west-1", "Target-111122223333-eu-west-1"]) {
      const template = templateOf(id);
      const ofOurs = [{ wildcard: "*:role/sallyport/*" }];
      for (const [source, detail] of [
        [
          ["aws.ecs", "aws.ssm"],
          { eventName: ["ExecuteCommand", "StartSession", "ResumeSession"] },
        ],
        [
          ["aws.sts"],
          {
            eventName: ["AssumeRole"],
            $or: [{ requestParameters: { roleArn: ofOurs } }, { errorMessage: ofOurs }],
          },
        ],
      ] as const) {
        template.hasResourceProperties("AWS::Events::Rule", {
          EventPattern: { source, "detail-type": ["AWS API Call via CloudTrail"], detail },
          Targets: [Match.objectLike({ Arn: bus })],
        });
      }
      const rights = Object.values(template.findResources("AWS::IAM::Policy")).filter(
        ({ Properties: { Roles } }) => JSON.stringify(Roles).includes("ForwardingRole"),
      );
      expect(rights.map(({ Properties: { PolicyDocument } }) => PolicyDocument.Statement)).toEqual([
        [{ Effect: "Allow", Action: "events:PutEvents", Resource: bus }],
      ]);
      const [role] = Object.values(rolesIn(id)).filter(({ RoleName }) =>
        RoleName.startsWith("sallyport-forward-"),
      );
      expect(role?.Policies).toBeUndefined();
    }
  });

  it("are let onto the bus by account, and there only by the role that forwards", () => {
    const policies = Object.values(
      templateOf("Sallyport").findResources("AWS::Events::EventBusPolicy"),
    );
    const admitted = policies.map(({ Properties: { StatementId, Statement } }) => [
      StatementId,
      Statement.Condition.ArnLike["aws:PrincipalArn"],
    ]);
    expect(JSON.stringify(admitted)).toContain("444455556666:role/sallyport/sallyport-forward-*");
    expect(new Set(admitted.map(([id]) => id))).toEqual(
      new Set(["From444455556666", "From777788889999"]),
    );
  });
});
