import { describe, expect, it } from "vitest";
import { chooseTask, preferredTask } from "../../core/choose-task.ts";
import type { Task } from "../../core/containers.ts";
import { permit, roadOf, rules, siteOf, taskOf } from "../kit/build-request.ts";

const target = roadOf(rules([permit("one", "sre:1")]), { site: siteOf() }).state().target;
const silent = (n: number): Task =>
  taskOf(n, {
    containers: taskOf(n).containers.map((c) => ({ ...c, execAgent: { lastStatus: "STOPPED" } })),
  });

describe("preferredTask", () => {
  it("takes a running agent before the newest, the newest before others, and then by ARN", () => {
    expect(preferredTask([silent(1), taskOf(3), taskOf(2)], "app")).toEqual(taskOf(2));
    expect(preferredTask([silent(2), silent(1)], "app")).toEqual(silent(1));
    const same = [taskOf(5, { createdAt: 1 }), taskOf(4, { createdAt: 1 })];
    expect(preferredTask(same, "app")).toEqual(same[1]);
    expect(preferredTask(same.toReversed(), "app")).toEqual(same[1]);
  });

  it("takes none that does not run or has no such container", () => {
    expect(preferredTask([taskOf(1, { lastStatus: "PENDING" })], "app")).toBeUndefined();
    expect(preferredTask([taskOf(1)], "envoy")).toBeUndefined();
  });
});

describe("chooseTask", () => {
  it("chooses of a service whatever runs now, and says why", () => {
    if (target === undefined) throw new Error("no target");
    expect(chooseTask(target, [taskOf(9), taskOf(8)])).toMatchObject({
      kind: "chosen",
      chosen: { task: { taskArn: taskOf(8).taskArn }, why: expect.stringContaining("1 of 2") },
    });
    expect(chooseTask(target, []).kind).toBe("changed");
    const starting = taskOf(1, {
      containers: [{ name: "app", containerArn: "arn", lastStatus: "PENDING" }],
    });
    expect(chooseTask(target, [starting]).kind).toBe("changed");
  });
});
