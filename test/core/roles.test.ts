import { describe, expect, it } from "vitest";
import { execTags } from "../../core/exec-tags.ts";
import type { PolicyDocument } from "../../core/policy-document.ts";
import { endRole, execRole, readRole, roleArn } from "../../core/roles.ts";
import { type RequestContext, tagEntries } from "../../emulator/iam/context.ts";
import { evaluate, evaluateTrust, parsePolicy } from "../../emulator/iam/policy.ts";

const account = "111122223333";
const prod = `arn:aws:ecs:us-east-1:${account}:cluster/prod`;
const staging = `arn:aws:ecs:eu-west-1:${account}:cluster/staging`;
const outside = `arn:aws:ecs:us-east-1:${account}:cluster/outside`;
const task = `arn:aws:ecs:us-east-1:${account}:task/prod/${"a".repeat(32)}`;
const otherTask = `arn:aws:ecs:us-east-1:${account}:task/prod/${"b".repeat(32)}`;
const functionRoleArns = {
  requests: roleArn("aws", account, "sallyport-lambda-requests"),
  decide: roleArn("aws", account, "sallyport-lambda-decide"),
  exec: roleArn("aws", account, "sallyport-lambda-exec"),
  sweeper: roleArn("aws", account, "sallyport-lambda-sweeper"),
  watcher: roleArn("aws", account, "sallyport-lambda-watcher"),
};
const configuration = {
  partition: "aws",
  account,
  clusters: [prod, staging],
  functionRoleArns,
};

/** What the independent evaluator of the emulator says of a role's permissions. */
function permitted(
  permissions: PolicyDocument,
  action: string,
  resource: string,
  context: RequestContext = {},
): boolean {
  return (
    evaluate([parsePolicy(permissions, "identity")], { action, resource, context }) === "allow"
  );
}

function trusted(
  trust: PolicyDocument,
  callerRole: string,
  action: string,
  context: RequestContext = {},
): boolean {
  const caller = {
    account,
    arn: `arn:aws:sts::${account}:assumed-role/${callerRole.split("/").at(-1)}/function`,
    roleArn: callerRole,
  };
  return evaluateTrust(parsePolicy(trust, "trust"), caller, { action, context }) === "allow";
}

describe("execRole: permissions", () => {
  const { permissions } = execRole(configuration);
  const tags = execTags({ clusterArn: prod, taskArn: task, container: "app" });
  const session = (change: { [key: string]: string | undefined } = {}): RequestContext => ({
    ...tagEntries("aws:PrincipalTag", tags),
    "ecs:cluster": prod,
    "ecs:task": task,
    "ecs:container-name": "app",
    ...change,
  });
  const exec = "ecs:ExecuteCommand";

  it("allows ExecuteCommand on the cluster and the task of the session's own tags", () => {
    expect(permitted(permissions, exec, prod, session())).toBe(true);
    expect(permitted(permissions, exec, task, session())).toBe(true);
  });

  it("allows nothing else, on nothing else", () => {
    expect(permitted(permissions, exec, otherTask, session())).toBe(false);
    expect(permitted(permissions, exec, staging, session({ "ecs:cluster": staging }))).toBe(false);
    expect(permitted(permissions, exec, task, session({ "ecs:container-name": "envoy" }))).toBe(
      false,
    );
    for (const action of ["ecs:StopTask", "ecs:RunTask", "ssm:StartSession", "sts:AssumeRole"]) {
      expect(permitted(permissions, action, task, session())).toBe(false);
    }
  });

  it("allows nothing where the request names no container", () => {
    const unnamed = session({ "ecs:container-name": undefined });
    expect(permitted(permissions, exec, task, unnamed)).toBe(false);
    expect(permitted(permissions, exec, prod, unnamed)).toBe(false);
  });

  it.each(["cluster", "task", "container"])(
    "allows nothing on a task without the tag %s",
    (tag) => {
      const untagged = session({ [`aws:principaltag/${tag}`]: undefined });
      expect(permitted(permissions, exec, task, untagged)).toBe(false);
    },
  );

  it("allows nothing in a cluster that is not configured, however the session is tagged", () => {
    const there = session({
      "aws:principaltag/cluster": "outside",
      "ecs:cluster": outside,
    });
    expect(permitted(permissions, exec, outside, there)).toBe(false);
    expect(permitted(permissions, exec, task.replace("/prod/", "/outside/"), there)).toBe(false);
  });

  it("takes a wildcard in a tag as a letter", () => {
    const wild = session({ "aws:principaltag/task": "*" });
    expect(permitted(permissions, exec, task, wild)).toBe(false);
  });

  it("fits into an inline policy with a hundred clusters of long names", () => {
    const clusters = Array.from(
      { length: 100 },
      (_, i) => `arn:aws:ecs:us-east-1:${account}:cluster/team-${i}-production-eu`,
    );
    const text = JSON.stringify(execRole({ ...configuration, clusters }).permissions);
    expect(text.length).toBeLessThan(10_240);
  });
});

describe("execRole: trust", () => {
  const { trust } = execRole(configuration);
  const asked: RequestContext = {
    "sts:rolesessionname": "req-01arz3ndektsv4rrffq69g5fav.1",
    "sts:sourceidentity": "alice",
    "aws:requesttag/cluster": "prod",
    "aws:requesttag/task": "a".repeat(32),
    "aws:requesttag/container": "app",
    "aws:tagkeys": ["cluster", "task", "container"],
  };
  const actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

  it("lets the exec function assume it for one container and one person", () => {
    for (const action of actions) {
      expect(trusted(trust, functionRoleArns.exec, action, asked)).toBe(true);
    }
  });

  it("lets nobody else assume it", () => {
    const others = [
      functionRoleArns.requests,
      functionRoleArns.decide,
      roleArn("aws", account, "sallyport-lambda-projector"),
      `arn:aws:iam::${account}:role/admin`,
    ];
    for (const other of others) {
      for (const action of actions) expect(trusted(trust, other, action, asked)).toBe(false);
    }
  });

  it.each([
    "aws:requesttag/cluster",
    "aws:requesttag/task",
    "aws:requesttag/container",
    "sts:sourceidentity",
    "sts:rolesessionname",
  ])("refuses to be assumed without %s", (key) => {
    const without = { ...asked, [key]: undefined };
    expect(trusted(trust, functionRoleArns.exec, "sts:AssumeRole", without)).toBe(false);
  });

  it("refuses to be assumed with no tags at all", () => {
    const bare: RequestContext = {
      "sts:rolesessionname": "req-x.1",
      "sts:sourceidentity": "alice",
    };
    expect(trusted(trust, functionRoleArns.exec, "sts:AssumeRole", bare)).toBe(false);
    expect(trusted(trust, functionRoleArns.exec, "sts:TagSession", bare)).toBe(false);
  });

  it("refuses any other tag, and another spelling of its own", () => {
    for (const keys of [
      ["cluster", "task", "container", "team"],
      ["Cluster", "task", "container"],
    ]) {
      const other = { ...asked, "aws:tagkeys": keys };
      expect(trusted(trust, functionRoleArns.exec, "sts:AssumeRole", other)).toBe(false);
      expect(trusted(trust, functionRoleArns.exec, "sts:TagSession", other)).toBe(false);
    }
  });

  it("refuses a session name that does not lead back to a request", () => {
    const named = { ...asked, "sts:rolesessionname": "debug" };
    expect(trusted(trust, functionRoleArns.exec, "sts:AssumeRole", named)).toBe(false);
  });

  it("keeps within IAM's default length of a trust policy", () => {
    expect(JSON.stringify(trust).length).toBeLessThanOrEqual(2_048);
  });
});

describe("readRole with deepPreflight", () => {
  const { permissions } = readRole({ ...configuration, deepPreflight: true });
  const before = readRole(configuration).permissions;
  const taskRole = `arn:aws:iam::${account}:role/apps/web`;
  const here = { "aws:requestedregion": "eu-west-1" };

  it("may ask what a role of its own account may do, and see networks where clusters are", () => {
    expect(permitted(permissions, "iam:SimulatePrincipalPolicy", taskRole)).toBe(true);
    const foreign = taskRole.replace(account, "444455556666");
    expect(permitted(permissions, "iam:SimulatePrincipalPolicy", foreign)).toBe(false);
    for (const action of ["ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints"]) {
      expect(permitted(permissions, action, "*", here)).toBe(true);
      expect(permitted(permissions, action, "*", { "aws:requestedregion": "ap-south-1" })).toBe(
        false,
      );
      expect(permitted(permissions, action, "*")).toBe(false);
    }
  });

  it("gains exactly these three actions, and none of them without the switch", () => {
    const actionsOf = ({ Statement }: typeof permissions) => Statement.flatMap((one) => one.Action);
    const gained = actionsOf(permissions).filter((action) => !actionsOf(before).includes(action));
    expect(gained).toEqual([
      "iam:SimulatePrincipalPolicy",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcEndpoints",
    ]);
    for (const action of gained) {
      expect(permitted(before, action, taskRole, here)).toBe(false);
      expect(permitted(before, action, "*", here)).toBe(false);
    }
  });
});

describe("readRole", () => {
  const { trust, permissions } = readRole(configuration);

  it("reads configured clusters and their tasks and services, and no other cluster's", () => {
    expect(permitted(permissions, "ecs:DescribeClusters", prod)).toBe(true);
    expect(permitted(permissions, "ecs:DescribeClusters", outside)).toBe(false);
    for (const action of [
      "ecs:DescribeServices",
      "ecs:DescribeTasks",
      "ecs:ListServices",
      "ecs:ListTasks",
    ]) {
      expect(permitted(permissions, action, task, { "ecs:cluster": prod })).toBe(true);
      expect(permitted(permissions, action, task, { "ecs:cluster": outside })).toBe(false);
      expect(permitted(permissions, action, task)).toBe(false);
    }
  });

  it("changes nothing, and starts and ends nothing", () => {
    for (const action of [
      "ecs:ExecuteCommand",
      "ecs:StopTask",
      "ecs:UpdateService",
      "ssm:TerminateSession",
      "ssm:StartSession",
    ]) {
      expect(permitted(permissions, action, task, { "ecs:cluster": prod })).toBe(false);
    }
  });

  it("is assumed by the functions that look at containers, and nobody else", () => {
    const { requests, decide, exec } = functionRoleArns;
    for (const arn of [requests, decide, exec])
      expect(trusted(trust, arn, "sts:AssumeRole")).toBe(true);
    const projector = roleArn("aws", account, "sallyport-lambda-projector");
    expect(trusted(trust, projector, "sts:AssumeRole")).toBe(false);
  });
});

describe("endRole", () => {
  const { trust, permissions } = endRole(configuration);
  const session = (region: string, id: string): string =>
    `arn:aws:ssm:${region}:${account}:session/${id}`;

  it("ends sessions of ECS Exec in the configured regions, and nobody's own sessions", () => {
    const end = "ssm:TerminateSession";
    expect(permitted(permissions, end, session("us-east-1", "ecs-execute-command-1"))).toBe(true);
    expect(permitted(permissions, end, session("eu-west-1", "ecs-execute-command-1"))).toBe(true);
    expect(permitted(permissions, end, session("us-west-2", "ecs-execute-command-1"))).toBe(false);
    expect(permitted(permissions, end, session("us-east-1", "alice-0123"))).toBe(false);
    expect(
      permitted(permissions, "ssm:ResumeSession", session("us-east-1", "ecs-execute-command-1")),
    ).toBe(false);
  });

  it("lets whoever only looks end nothing", () => {
    const end = (name: string) =>
      permitted(
        permissions,
        "ssm:TerminateSession",
        session("us-east-1", "ecs-execute-command-1"),
        {
          "aws:userid": `AROAEXAMPLE:${name}`,
        },
      );
    expect(end("end-ecs-execute-command-1")).toBe(true);
    expect(end("end-watcher")).toBe(false);
    expect(permitted(permissions, "ssm:DescribeSessions", "*")).toBe(true);
  });

  it("stops tasks of the configured clusters where that is configured, and else none", () => {
    const stop = (document: PolicyDocument, arn: string, cluster: string, name = "end-task-1") =>
      permitted(document, "ecs:StopTask", arn, {
        "ecs:cluster": cluster,
        "aws:userid": `AROAEXAMPLE:${name}`,
      });
    expect(stop(permissions, task, prod)).toBe(false);
    const { permissions: may } = endRole({ ...configuration, mayStopTasks: true });
    expect(stop(may, task, prod)).toBe(true);
    expect(stop(may, task.replace("/prod/", "/outside/"), outside)).toBe(false);
    expect(stop(may, task, prod, "end-ecs-execute-command-1")).toBe(false);
    expect(permitted(may, "ecs:ExecuteCommand", task, { "ecs:cluster": prod })).toBe(false);
  });

  it.each([
    ["exec", "end-0123", true],
    ["exec", "end-task-0123", false],
    ["exec", "req-1", false],
    ["sweeper", "end-0123", true],
    ["sweeper", "end-task-0123", true],
    ["sweeper", "req-1", false],
    ["decide", "end-0123", false],
    ["decide", "end-task-0123", false],
    ["requests", "end-0123", false],
    ["watcher", "end-watcher", true],
    ["watcher", "end-0123", false],
    ["watcher", "end-task-0123", false],
  ] as const)("is assumed by %s under the name %s: %s", (name, session, may) => {
    const named = { "sts:rolesessionname": session };
    expect(trusted(trust, functionRoleArns[name], "sts:AssumeRole", named)).toBe(may);
  });
});

describe("a configured endpoint of STS", () => {
  const inVpc = { ...configuration, stsEndpointId: "vpce-0123456789abcdef0" };
  const asked: RequestContext = {
    "sts:rolesessionname": "req-01arz3ndektsv4rrffq69g5fav.1",
    "sts:sourceidentity": "alice",
    "aws:requesttag/cluster": "prod",
    "aws:requesttag/task": "a".repeat(32),
    "aws:requesttag/container": "app",
    "aws:tagkeys": ["cluster", "task", "container"],
  };

  it.each([
    ["sallyport-read", readRole(inVpc), functionRoleArns.requests, {}],
    ["sallyport-exec", execRole(inVpc), functionRoleArns.exec, asked],
    ["sallyport-end", endRole(inVpc), functionRoleArns.exec, { "sts:rolesessionname": "end-1" }],
    ["sallyport-end", endRole(inVpc), functionRoleArns.sweeper, { "sts:rolesessionname": "end-1" }],
  ] as const)("is the only way to assume %s", (_, { trust }, caller, context) => {
    const via = (endpoint: string | undefined): boolean =>
      trusted(trust, caller, "sts:AssumeRole", { ...context, "aws:sourcevpce": endpoint });
    expect(via("vpce-0123456789abcdef0")).toBe(true);
    expect(via("vpce-0123456789abcdef1")).toBe(false);
    expect(via(undefined)).toBe(false);
  });
});
