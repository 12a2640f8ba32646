import { describe, expect, it } from "vitest";
import { diagnose, unchecked, undiagnosed } from "../../core/diagnosis.ts";
import { definitionOf, taskOf } from "../kit/build-request.ts";

const byCheck = (found: ReturnType<typeof diagnose>) =>
  Object.fromEntries(found.map((f) => [f.check, f.status]));

describe("a diagnosis", () => {
  it("says of a healthy task that all ECS tells has passed, and what nobody has looked at", () => {
    const found = diagnose("app", taskOf(1), definitionOf());
    const open = found.filter((f) => f.status !== "passed");
    expect(open.map((f) => [f.check, f.status])).toEqual(
      unchecked.map((f) => [f.check, "not_checked"]),
    );
    expect(open.every((f) => f.remedy.length > 20)).toBe(true);
    expect(found.length).toBeGreaterThan(unchecked.length + 6);
  });

  it("names what is not as it should be, though preflight would only warn of it", () => {
    const definition = definitionOf(
      {},
      {
        pidMode: "task",
        containers: [
          ...definitionOf({ awsKeyVariables: ["AWS_ACCESS_KEY_ID"] }).containers,
          ...definitionOf({ name: "sidecar" }).containers,
        ],
      },
    );
    expect(byCheck(diagnose("app", taskOf(1), definition))).toMatchObject({
      pid_mode: "failed",
      aws_key_variables: "failed",
      exec_enabled: "passed",
      exec_agent: "passed",
    });
  });

  it("leaves out what keeps no session from beginning", () => {
    const { platformVersion: _, ...task } = taskOf(1, { launchType: "EC2" });
    const found = diagnose("app", task, definitionOf({ initProcessEnabled: false }));
    expect(byCheck(found)).not.toHaveProperty("init_process");
    expect(byCheck(found)).not.toHaveProperty("host_access");
    expect(found.some((f) => f.check.startsWith("cluster_"))).toBe(false);
  });

  it("says that a task is gone, and nothing of its containers", () => {
    const found = diagnose("app", undefined, undefined);
    expect(byCheck(found)).toMatchObject({ running_task: "failed" });
    expect(found).toHaveLength(1 + unchecked.length);
  });

  it("has made not one check where ECS could not be asked", () => {
    const found = undiagnosed("app", taskOf(1, { enableExecuteCommand: false }));
    expect(new Set(found.map((f) => f.status))).toEqual(new Set(["not_checked"]));
    expect(found.map((f) => f.check)).toEqual(
      diagnose("app", taskOf(1), undefined).map((f) => f.check),
    );
  });
});
