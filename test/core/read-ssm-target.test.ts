import { describe, expect, it } from "vitest";
import { readSsmTarget, ssmTarget } from "../../core/target.ts";

const task = "0123456789abcdef0123456789abcdef";
const arn = `arn:aws:ecs:us-east-1:111122223333:task/demo/${task}`;

describe("a target of SSM's", () => {
  it.each(["demo", "my_own_cluster", "a-b_c"])("names cluster %s and its task", (clusterName) => {
    const target = ssmTarget(clusterName, arn, `${task}-0123456789`);
    expect(readSsmTarget(target)).toEqual({ clusterName, taskId: task });
  });

  it.each([
    "",
    "i-0123456789abcdef0",
    "mi-0123456789abcdef0",
    "ecs:demo",
    `ecs:${task}_x`,
    "ecs:a_b_c",
  ])("that is %j is no task", (target) => {
    expect(readSsmTarget(target)).toBeUndefined();
  });
});
