import { describe, expect, it } from "vitest";
import { containerChecks } from "../../../core/checks/container.ts";
import type { DefinedContainer, Task, TaskContainer } from "../../../core/containers.ts";
import { definitionOf, taskOf } from "../../kit/build-request.ts";

function found(check: string, task: Task, container: Partial<DefinedContainer> = {}) {
  return containerChecks(task, definitionOf(container), "app").find((f) => f.check === check);
}

function withContainer(change: Partial<TaskContainer>): Task {
  return taskOf(1, { containers: taskOf(1).containers.map((c) => ({ ...c, ...change })) });
}

const windows = taskOf(1, { platformFamily: "WINDOWS_SERVER_2022_CORE" });
const onInstance = (() => {
  const { platformVersion: _, ...task } = taskOf(1, { launchType: "EC2" });
  return task;
})();

describe("what holds for one container", () => {
  it("passes as a whole where nothing is to be desired", () => {
    const checks = containerChecks(taskOf(1), definitionOf(), "app");
    expect(checks.map((f) => [f.check, f.status, f.remedy])).toEqual(
      ["container_status", "exec_agent", "init_process", "readonly_root", "aws_key_variables"].map(
        (check) => [check, "passed", ""],
      ),
    );
  });

  it.each([
    ["RUNNING", "passed"],
    ["PENDING", "warning"],
    ["STOPPED", "failed"],
    ["UNKNOWN", "not_checked"],
  ])("a container that is %s: %s", (lastStatus, status) => {
    expect(found("container_status", withContainer({ lastStatus }))?.status).toBe(status);
  });

  it("fails a container that the task does not have, and its agent", () => {
    const checks = containerChecks(taskOf(1), definitionOf(), "other");
    expect(checks.slice(0, 2).map((f) => f.status)).toEqual(["failed", "failed"]);
  });

  it.each([
    ["RUNNING", "passed"],
    ["PENDING", "warning"],
    ["STOPPED", "failed"],
    ["UNKNOWN", "failed"],
  ])("an agent that is %s: %s, with what ECS says of it", (lastStatus, status) => {
    const agent = found(
      "exec_agent",
      withContainer({ execAgent: { lastStatus, reason: "why so" } }),
    );
    expect(agent?.status).toBe(status);
    expect(agent?.remedy.includes("ECS says: why so")).toBe(status !== "passed");
  });

  it("fails a container without an agent, and looks for none where ECS Exec is off", () => {
    const [container] = taskOf(1).containers;
    const { execAgent: _, ...without } = container as TaskContainer;
    expect(found("exec_agent", taskOf(1, { containers: [without] }))?.status).toBe("failed");
    expect(found("exec_agent", taskOf(1, { enableExecuteCommand: false }))?.status).toBe(
      "not_checked",
    );
  });

  it("warns where nothing reaps what a session leaves, but not on Windows", () => {
    expect(found("init_process", taskOf(1), { initProcessEnabled: false })?.status).toBe("warning");
    expect(found("init_process", windows, { initProcessEnabled: false })?.status).toBe("passed");
  });

  const folders = ["/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm"];
  const all = folders.map((path) => ({ path, writable: true }));
  const but = (path: string) => all.filter((mount) => mount.path !== path);
  it.each<[string, Task, DefinedContainer["mounts"], string, string]>([
    [
      "nothing mounted",
      taskOf(1),
      [],
      "failed",
      "at /var/lib/amazon/ssm, /managed-agents, /var/log/amazon/ssm,",
    ],
    ["all three", taskOf(1), all, "warning", "does not support"],
    ["all but the first", taskOf(1), but("/managed-agents"), "failed", "at /managed-agents,"],
    ["all but the state", taskOf(1), but("/var/lib/amazon/ssm"), "failed", "/var/lib/amazon/ssm"],
    ["all but the log", taskOf(1), but("/var/log/amazon/ssm"), "failed", "/var/log/amazon/ssm"],
    [
      "all three, one of them not writable",
      taskOf(1),
      [...but("/managed-agents"), { path: "/managed-agents", writable: false }],
      "failed",
      "at /managed-agents,",
    ],
    [
      "folders above them",
      taskOf(1),
      [
        { path: "/managed-agents/", writable: true },
        { path: "/var", writable: true },
      ],
      "warning",
      "does not support",
    ],
    [
      "a read-only folder within a writable one",
      taskOf(1),
      [
        { path: "/managed-agents", writable: true },
        { path: "/var", writable: true },
        { path: "/var/lib/amazon", writable: false },
      ],
      "failed",
      "at /var/lib/amazon/ssm,",
    ],
    [
      "folders whose names only begin alike",
      taskOf(1),
      [
        ...but("/var/lib/amazon/ssm"),
        { path: "/var/lib/ama", writable: true },
        { path: "/var/lib/amazon/ssm/deeper", writable: true },
      ],
      "failed",
      "at /var/lib/amazon/ssm,",
    ],
    [
      "the state alone, on an instance",
      onInstance,
      [{ path: "/var/lib/amazon/ssm", writable: true }],
      "warning",
      "does not support",
    ],
    ["nothing, on an instance", onInstance, [], "failed", "at /var/lib/amazon/ssm,"],
  ])("a read-only root with %s", (_, task, mounts, status, remedy) => {
    expect(found("readonly_root", task, { readonlyRootFilesystem: true, mounts })).toEqual({
      check: "readonly_root",
      status,
      remedy: expect.stringContaining(remedy) as string,
    });
  });

  it("does not judge a read-only root by mounts it cannot see, nor on Windows", () => {
    const readonlyRoot = { readonlyRootFilesystem: true, mountsOfOthers: true };
    expect(found("readonly_root", taskOf(1), readonlyRoot)?.status).toBe("not_checked");
    expect(found("readonly_root", windows, { readonlyRootFilesystem: true })?.status).toBe(
      "passed",
    );
  });

  it("names the AWS key variables of the definition and of whoever started the task, once", () => {
    const task = taskOf(1, {
      awsKeyVariables: { app: ["AWS_ACCESS_KEY_ID"], other: ["AWS_ACCESS_KEY"] },
    });
    const both = found("aws_key_variables", task, {
      awsKeyVariables: ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"],
    });
    expect(both).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining(
        "take AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY for",
      ) as string,
    });
    expect(found("aws_key_variables", task)?.status).toBe("warning");
    const unread = containerChecks(task, undefined, "app");
    expect(unread.find((f) => f.check === "aws_key_variables")?.status).toBe("warning");
  });

  it("calls nothing passed that stands in a definition nobody read", () => {
    const status = Object.fromEntries(
      containerChecks(taskOf(1), undefined, "app").map((f) => [f.check, f.status]),
    );
    expect(status).toMatchObject({
      init_process: "not_checked",
      readonly_root: "not_checked",
      aws_key_variables: "not_checked",
    });
  });
});
