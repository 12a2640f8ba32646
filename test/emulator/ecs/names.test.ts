import { describe, expect, it } from "vitest";
import { AwsError } from "../../../emulator/aws-error.ts";
import {
  clusterName,
  existingCluster,
  findService,
  findTask,
  serviceArn,
  taskArn,
} from "../../../emulator/ecs/names.ts";
import { account, createWorld, region } from "../world.ts";

const world = createWorld({
  fleet: {
    clusters: [
      {
        name: "demo",
        services: [
          { name: "web", taskDefinition: "web:1", desiredCount: 1, enableExecuteCommand: true },
        ],
      },
      { name: "default" },
    ],
    taskDefinitions: [{ family: "web", revision: 1, containers: [{ name: "app", image: "a" }] }],
  },
});
const ecs = (rest: string): string => `arn:aws:ecs:${region}:${account}:${rest}`;
const demo = { name: "demo", arn: ecs("cluster/demo") };
const id = "a".repeat(32);

/** The error a call ends in, by its code and text. */
function refusal(call: () => unknown): { code: string; message: string } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { code: error.code, message: error.message };
  }
}

describe("clusterName", () => {
  it.each<[string | undefined, string, string]>([
    [undefined, "default", ecs("cluster/default")],
    ["", "default", ecs("cluster/default")],
    ["demo", "demo", demo.arn],
    ["A_b-9", "A_b-9", ecs("cluster/A_b-9")],
    ["n".repeat(255), "n".repeat(255), ecs(`cluster/${"n".repeat(255)}`)],
    [demo.arn, "demo", demo.arn],
    [
      "arn:aws:ecs:eu-west-1:444455556666:cluster/demo",
      "demo",
      "arn:aws:ecs:eu-west-1:444455556666:cluster/demo",
    ],
  ])("of %j is %j", (written, name, arn) => {
    expect(clusterName(world, written)).toEqual({ name, arn });
  });

  it.each([
    "a b",
    "a/b",
    "*",
    "n".repeat(256),
    "demo\n",
    "arn:aws:ecs:us-east-1:111122223333:cluster/*",
    "arn:aws:ecs:us-east-1:111122223333:cluster/a/b",
    "arn:aws:ecs:us-east-1:111122223333:task/demo/x",
    "arn:aws:ecs:us-east-1:1:cluster/demo",
  ])("refuses %j", (written) => {
    expect(refusal(() => clusterName(world, written))?.code).toBe("InvalidParameterException");
  });
});

describe("existingCluster", () => {
  it("is found by its whole ARN, of this account and region", () => {
    expect(existingCluster(world, demo).name).toBe("demo");
    for (const arn of [
      ecs("cluster/other"),
      "arn:aws:ecs:eu-west-1:111122223333:cluster/demo",
      "arn:aws:ecs:us-east-1:444455556666:cluster/demo",
    ]) {
      expect(refusal(() => existingCluster(world, { name: "demo", arn }))?.code).toBe(
        "ClusterNotFoundException",
      );
    }
  });
});

describe("taskArn and serviceArn", () => {
  it.each([
    [id, id],
    ["b".repeat(36), "b".repeat(36)],
    [ecs(`task/demo/${id}`), id],
    [ecs(`task/${id}`), id],
  ])("the task %j is %j of its cluster", (written, expected) => {
    expect(taskArn(world, demo, written)).toBe(ecs(`task/demo/${expected}`));
  });

  it.each([["web"], [ecs("service/demo/web")], [ecs("service/web")]])(
    "the service %j is of its cluster",
    (written) => {
      expect(serviceArn(world, demo, written)).toBe(ecs("service/demo/web"));
    },
  );

  it.each<[string, RegExp]>([
    ["", /task length should be one of \[32,36\]/],
    ["a".repeat(33), /task length/],
    ["*".repeat(32), /Invalid identifier: task/],
    [`${"a".repeat(31)}/`, /Invalid identifier: task/],
    [ecs("task/demo/"), /task length/],
    [ecs(`task/demo/${id}/x`), /Unsupported resource type/],
    [ecs(`service/demo/${id}`), /Unsupported resource type/],
    [ecs("task"), /Unsupported resource type/],
    [`arn:aws:ssm:${region}:${account}:task/demo/${id}`, /Unsupported resource type/],
    [ecs(`task/other/${id}`), /Identifier is for cluster other. Your cluster is demo/],
    [`arn:aws:ecs:eu-west-1:${account}:task/demo/${id}`, /another region or account/],
    [`arn:aws:ecs:${region}:444455556666:task/demo/${id}`, /another region or account/],
    ["arn:", /Unsupported resource type/],
  ])("refuses the task %j", (written, message) => {
    const refused = refusal(() => taskArn(world, demo, written));
    expect(refused?.code).toBe("InvalidParameterException");
    expect(refused?.message).toMatch(message);
  });

  it.each(["", "a b", "a".repeat(256), ecs("service/demo/*"), ecs("task/demo/web")])(
    "refuses the service %j",
    (written) => {
      expect(refusal(() => serviceArn(world, demo, written))?.code).toBe(
        "InvalidParameterException",
      );
    },
  );
});

describe("findTask and findService", () => {
  it("find by the whole ARN, and nothing where there is no cluster", () => {
    const cluster = existingCluster(world, demo);
    const [task] = cluster.tasks;
    expect(findTask(cluster, task?.arn ?? "")).toBe(task);
    expect(findService(cluster, ecs("service/demo/web"))?.name).toBe("web");
    expect(findTask(cluster, ecs(`task/demo/${id}`))).toBeUndefined();
    expect(findService(cluster, "web")).toBeUndefined();
    expect(findTask(undefined, task?.arn ?? "")).toBeUndefined();
    expect(findService(undefined, ecs("service/demo/web"))).toBeUndefined();
  });
});
