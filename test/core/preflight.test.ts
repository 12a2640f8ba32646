import { describe, expect, it } from "vitest";
import type { PreflightFinding } from "../../core/kinds/asked.ts";
import { blocking, blockingNow, preflight, warningsOf } from "../../core/preflight.ts";
import { definitionOf, siteOf, taskOf } from "../kit/build-request.ts";

const { cluster } = siteOf();
const spot = { cluster, task: taskOf(1), container: "app", definitions: [definitionOf()] };

describe("preflight", () => {
  it("passes a container where nothing is to be desired, with nothing to remedy", () => {
    const findings = preflight(spot);
    expect(new Set(findings.map((f) => f.check)).size).toBe(findings.length);
    expect(findings.length).toBe(14);
    expect(findings.every((f) => f.status === "passed" && f.remedy === "")).toBe(true);
  });

  it("says what to do of everything that did not pass", () => {
    const bare = taskOf(1, { enableExecuteCommand: false, lastStatus: "STOPPED" });
    const findings = preflight({ ...spot, task: bare, definitions: [] });
    for (const { status, remedy } of findings) expect(remedy === "").toBe(status === "passed");
  });

  it("looks at the cluster alone where nothing runs", () => {
    const findings = preflight({ ...spot, task: undefined });
    expect(blocking(findings).map((f) => f.check)).toEqual(["running_task"]);
    expect(findings.every((f) => f.check.startsWith("cluster_") || f.status === "failed")).toBe(
      true,
    );
  });

  it("goes by the definition the task runs by, and by none of another revision", () => {
    const other = definitionOf(
      { readonlyRootFilesystem: true },
      { taskDefinitionArn: "arn:aws:ecs:us-east-1:111122223333:task-definition/web:4" },
    );
    const status = (definitions: (typeof other)[]) =>
      preflight({ ...spot, definitions }).find((f) => f.check === "readonly_root")?.status;
    expect(status([other, definitionOf()])).toBe("passed");
    expect(status([other])).toBe("not_checked");
    expect(status([definitionOf({ readonlyRootFilesystem: true })])).toBe("failed");
  });
});

const finding = (check: string, status: PreflightFinding["status"]): PreflightFinding => ({
  check,
  status,
  remedy: "do this",
});

describe("what findings lead to", () => {
  const findings = [
    finding("a", "passed"),
    finding("b", "warning"),
    finding("c", "failed"),
    finding("d", "not_checked"),
    finding("exec_agent", "warning"),
  ];

  it("is that what has failed stops a request, and that a warning or the unknown do not", () => {
    expect(blocking(findings).map((f) => f.check)).toEqual(["c"]);
  });

  it("is that what is still starting stops an open besides", () => {
    expect(blockingNow(findings).map((f) => f.check)).toEqual(["c", "exec_agent"]);
    expect(
      blockingNow([finding("task_status", "warning"), finding("container_status", "warning")]),
    ).toHaveLength(2);
    expect(blockingNow([finding("exec_agent", "not_checked")])).toEqual([]);
  });

  it("is that approvers are told of warnings alone", () => {
    expect(warningsOf(findings)).toEqual(["b: do this", "exec_agent: do this"]);
  });
});
