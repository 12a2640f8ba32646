import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { recoveryPolicy } from "../../core/recovery-policy.ts";
import { readDeploymentConfiguration } from "../../lib/deployment-configuration.ts";
import { GatewayStack } from "../../lib/gateway-stack.ts";

interface Resource {
  Properties: { [name: string]: unknown };
  DeletionPolicy?: string;
}

const minimal = JSON.parse(
  readFileSync(new URL("../../examples/minimal.json", import.meta.url), "utf8"),
) as object;
const olga = "arn:aws:iam::111122223333:user/olga";

function templateOf(change: object): Template {
  const app = new App({ context: { "aws:cdk:bundling-stacks": [] }, analyticsReporting: false });
  const configuration = readDeploymentConfiguration({ ...minimal, ...change });
  return Template.fromStack(new GatewayStack(app, "Sallyport", { configuration }));
}
function found(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.findResources(type) as { [id: string]: Resource });
}
const roleNamed = (template: Template, name: string): Resource | undefined =>
  found(template, "AWS::IAM::Role").find(([, one]) => one.Properties["RoleName"] === name)?.[1];
const tableOf = (template: Template, id: RegExp): [string, Resource] => {
  const all = found(template, "AWS::DynamoDB::GlobalTable").filter(([one]) => id.test(one));
  if (all.length !== 1 || all[0] === undefined) throw new Error(`not one ${id}`);
  return all[0];
};
const writersOf = (template: Template): string =>
  JSON.stringify(
    (tableOf(template, /^Events/)[1].Properties["Replicas"] as { ResourcePolicy: object }[])[0]
      ?.ResourcePolicy,
  );

describe("the recovery role", () => {
  const template = templateOf({ recovery: { principals: [olga] } });

  it("is there only where somebody may take it on, and the table takes its fence only then", () => {
    expect(roleNamed(templateOf({}), "sallyport-recovery")).toBeUndefined();
    expect(writersOf(templateOf({}))).not.toContain("sallyport-recovery");
    expect(writersOf(template)).toContain(":role/sallyport/sallyport-recovery");
  });

  it("is taken on by those who are named, with a second factor, for an hour", () => {
    const role = roleNamed(template, "sallyport-recovery");
    expect(role?.Properties["MaxSessionDuration"]).toBe(3_600);
    const trust = role?.Properties["AssumeRolePolicyDocument"] as { Statement: object[] };
    expect(trust.Statement).toEqual([
      {
        Sid: "WithASecondFactor",
        Effect: "Allow",
        Principal: { AWS: [olga] },
        Action: ["sts:AssumeRole"],
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
      },
    ]);
  });

  it("holds what is written down for it and nothing else, and puts events back only where that is said", () => {
    const policiesOf = (one: Template) =>
      roleNamed(one, "sallyport-recovery")?.Properties["Policies"] as {
        PolicyDocument: { Statement: { Sid: string }[] };
      }[];
    const sids = (one: Template): string[] =>
      policiesOf(one).flatMap(({ PolicyDocument: { Statement } }) => Statement.map((s) => s.Sid));
    const wanted = (mayReplay: boolean): (string | undefined)[] =>
      recoveryPolicy({ eventsTableArn: "e", viewsTableArn: "v", mayReplay }).Statement.map(
        ({ Sid }) => Sid,
      );
    expect(sids(template)).toEqual(wanted(false));
    expect(sids(template).filter((sid) => sid.startsWith("Replay"))).toEqual([]);
    const replaying = templateOf({ recovery: { principals: [olga], mayReplay: true } });
    expect(sids(replaying)).toEqual(wanted(true));
    expect(sids(replaying)).toContain("ReplayOpened");
  });

  it.each([
    [{ principals: [] }, "name at least one"],
    [{ principals: ["arn:aws:iam::111122223333:role/aws-reserved/x"] }, "permission set"],
    [{ principals: ["olga"] }, "not the ARN of one user or role"],
  ])("fails the synthesis with %j", (recovery, what) => {
    expect(() => templateOf({ recovery })).toThrow(what);
  });
});

describe("a record that was restored", () => {
  const name = "sallyport-events-2026-11-30";
  const before = templateOf({});
  const after = templateOf({ restoredEventsTable: name });

  it("is another table of the stack, which is made as the one before was", () => {
    const [oldId, old] = tableOf(before, /^Events/);
    const [id, table] = tableOf(after, /^Events/);
    expect(id).not.toBe(oldId);
    expect(table.Properties["TableName"]).toBe(name);
    expect(table.DeletionPolicy).toBe("Retain");
    const { TableName: _, ...rest } = table.Properties;
    expect(rest).toEqual(old.Properties);
  });

  it("is what every function reads, and lists and counters begin anew beside it", () => {
    const [id] = tableOf(after, /^Events/);
    for (const [, one] of found(after, "AWS::Lambda::Function")) {
      const { Variables: variables } = (one.Properties["Environment"] ?? { Variables: {} }) as {
        Variables: { [name: string]: unknown };
      };
      if (variables["EVENTS_TABLE"] === undefined) continue;
      expect(variables["EVENTS_TABLE"]).toEqual({ Ref: id });
    }
    for (const which of [/^Views/, /^State/]) {
      expect(tableOf(after, which)[0]).not.toBe(tableOf(before, which)[0]);
    }
    for (const [, mapping] of found(after, "AWS::Lambda::EventSourceMapping")) {
      expect(JSON.stringify(mapping.Properties["EventSourceArn"])).toContain(`"${id}"`);
    }
  });
});
