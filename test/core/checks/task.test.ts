import { describe, expect, it } from "vitest";
import { isWindows, taskChecks } from "../../../core/checks/task.ts";
import type { Task, TaskDefinition } from "../../../core/containers.ts";
import { definitionOf, taskOf } from "../../kit/build-request.ts";

const { platformVersion: _, launchType: __, ...unplaced } = taskOf(1);
const { taskRoleArn: ___, ...roleless } = definitionOf();
const [sidecar] = definitionOf({ name: "sidecar" }).containers;

function found(check: string, task: Task, definition: TaskDefinition | undefined = definitionOf()) {
  return taskChecks(task, definition).find((f) => f.check === check);
}

describe("what holds for a whole task", () => {
  it("passes as a whole where nothing is to be desired", () => {
    const checks = taskChecks(taskOf(1), definitionOf());
    expect(checks.map((f) => [f.check, f.status, f.remedy])).toEqual(
      [
        "task_status",
        "exec_enabled",
        "platform_version",
        "task_role",
        "pid_mode",
        "host_access",
      ].map((check) => [check, "passed", ""]),
    );
  });

  it.each([
    ["PROVISIONING", "warning"],
    ["ACTIVATING", "warning"],
    ["PENDING", "warning"],
    ["RUNNING", "passed"],
    ["DEACTIVATING", "failed"],
    ["STOPPING", "failed"],
    ["DEPROVISIONING", "failed"],
    ["STOPPED", "failed"],
    ["DELETED", "failed"],
  ])("a task that is %s: %s", (lastStatus, status) => {
    expect(found("task_status", taskOf(1, { lastStatus }))?.status).toBe(status);
  });

  it("says why a task has stopped, and that one is about to", () => {
    const stopped = taskOf(1, { lastStatus: "STOPPED", stoppedReason: "out of memory" });
    expect(found("task_status", stopped)?.remedy).toContain("out of memory");
    expect(found("task_status", taskOf(1, { desiredStatus: "STOPPED" }))).toMatchObject({
      status: "failed",
      remedy: expect.stringContaining("about to be stopped") as string,
    });
  });

  it("fails a task that was started without ECS Exec", () => {
    expect(found("exec_enabled", taskOf(1, { enableExecuteCommand: false }))).toMatchObject({
      status: "failed",
      remedy: expect.stringContaining("force a new deployment") as string,
    });
  });

  const linux = { platformFamily: "Linux" };
  const windows = { platformFamily: "WINDOWS_SERVER_2022_CORE" };
  it.each<[string, Partial<Task>, string]>([
    ["1.4.0 on Linux", { platformVersion: "1.4.0", ...linux }, "passed"],
    ["1.4.1", { platformVersion: "1.4.1" }, "passed"],
    ["1.10.0, which is newer than 1.4.0", { platformVersion: "1.10.0" }, "passed"],
    ["2.0.0", { platformVersion: "2.0.0" }, "passed"],
    ["1.3.0", { platformVersion: "1.3.0" }, "failed"],
    ["1.3.9", { platformVersion: "1.3.9" }, "failed"],
    ["0.9.0", { platformVersion: "0.9.0" }, "failed"],
    ["1.0.0 on Windows", { platformVersion: "1.0.0", ...windows }, "passed"],
    ["0.9.9 on Windows", { platformVersion: "0.9.9", ...windows }, "failed"],
    ["LATEST, which says nothing", { platformVersion: "LATEST" }, "not_checked"],
    ["none, by launch type", { launchType: "FARGATE" }, "not_checked"],
    ["none, by capacity provider", { capacityProvider: "FARGATE_SPOT" }, "not_checked"],
    ["an instance", { launchType: "EC2" }, "not_checked"],
    ["a capacity provider of one's own", { capacityProvider: "own" }, "not_checked"],
    ["no word at all", {}, "not_checked"],
  ])("platform version %s: %o is %s", (_name, change, status) => {
    expect(found("platform_version", { ...unplaced, ...change })?.status).toBe(status);
  });

  it("says how to look at an instance's agent, and what a platform version has to be", () => {
    const remedy = (change: Partial<Task>) =>
      found("platform_version", { ...unplaced, ...change })?.remedy;
    expect(remedy({ launchType: "EC2" })).toContain("DescribeContainerInstances");
    expect(remedy({ capacityProvider: "FARGATE" })).toContain("1.4.0 or newer");
    expect(remedy({ platformVersion: "1.3.0" })).toContain("on 1.4.0 or newer");
  });

  it.each<[string, Partial<Task>, TaskDefinition | undefined, string]>([
    ["the definition's", {}, definitionOf(), "passed"],
    ["whoever started it gave it", { taskRoleArn: "arn" }, roleless, "passed"],
    ["whoever started it gave it, unread definition", { taskRoleArn: "arn" }, undefined, "passed"],
    ["none on Fargate", { launchType: "FARGATE" }, roleless, "failed"],
    ["none on Fargate by its provider", { capacityProvider: "FARGATE" }, roleless, "failed"],
    ["none on Fargate Spot", { capacityProvider: "FARGATE_SPOT" }, roleless, "failed"],
    ["none on an instance", { launchType: "EC2" }, roleless, "not_checked"],
    ["an unread definition's", { launchType: "FARGATE" }, undefined, "not_checked"],
  ])("the role: %s", (_name, change, definition, status) => {
    const checks = taskChecks({ ...unplaced, ...change }, definition);
    expect(checks.find((f) => f.check === "task_role")?.status).toBe(status);
  });

  it.each<[Partial<Task>, string]>([
    [{ launchType: "FARGATE" }, "passed"],
    [{ capacityProvider: "FARGATE_SPOT" }, "passed"],
    [{ launchType: "EC2" }, "warning"],
    [{ launchType: "EXTERNAL" }, "warning"],
    [{ launchType: "MANAGED_INSTANCES" }, "not_checked"],
    [{ capacityProvider: "own-machines" }, "not_checked"],
    [{}, "not_checked"],
  ])("on %j, that the host is another way in: %s", (where, status) => {
    const checks = taskChecks({ ...unplaced, ...where }, definitionOf());
    expect(checks.find((f) => f.check === "host_access")?.status).toBe(status);
  });

  it("warns of a PID namespace that several containers share, and of no other", () => {
    const [app] = definitionOf().containers;
    const several = [app, sidecar] as TaskDefinition["containers"];
    const shared = definitionOf({}, { pidMode: "task", containers: several });
    expect(found("pid_mode", taskOf(1), shared)?.status).toBe("warning");
    expect(found("pid_mode", taskOf(1), definitionOf({}, { pidMode: "task" }))?.status).toBe(
      "passed",
    );
    const host = definitionOf({}, { pidMode: "host", containers: several });
    expect(found("pid_mode", taskOf(1), host)?.status).toBe("passed");
    const unread = taskChecks(taskOf(1), undefined);
    expect(unread.find((f) => f.check === "pid_mode")?.status).toBe("not_checked");
  });
});

it("is Windows by its platform family alone", () => {
  expect(isWindows({ platformFamily: "Windows_Server_2019_Core" })).toBe(true);
  expect(isWindows({ platformFamily: "Linux" })).toBe(false);
  expect(isWindows({})).toBe(false);
});
