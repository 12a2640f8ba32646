import { describe, expect, it } from "vitest";
import { blocking, preflight } from "../../core/preflight.ts";
import { siteOf, taskOf } from "../kit/build-request.ts";

const { cluster } = siteOf();
const of = (...args: Parameters<typeof preflight>) =>
  Object.fromEntries(preflight(...args).map((f) => [f.check, f.status]));

describe("preflight", () => {
  it("passes a container whose agent runs, with nothing to remedy", () => {
    const findings = preflight(cluster, taskOf(1), "app");
    expect(findings.every((f) => f.status === "passed" && f.remedy === "")).toBe(true);
    expect(blocking(findings)).toEqual([]);
  });

  it("fails a customer key, a missing task, exec switched off and an agent that does not run", () => {
    expect(of({ ...cluster, kmsKeyId: "k" }, taskOf(1), "app")).toMatchObject({
      cluster_kms_key: "failed",
    });
    expect(of(cluster, undefined, "app")).toMatchObject({ running_task: "failed" });
    expect(of(cluster, taskOf(1, { enableExecuteCommand: false }), "app")).toMatchObject({
      exec_enabled: "failed",
      exec_agent: "not_checked",
    });
    expect(of(cluster, taskOf(1), "other")).toMatchObject({ exec_agent: "failed" });
  });

  it("only warns of a cluster that keeps no transcript", () => {
    const findings = preflight({ ...cluster, logging: "NONE" }, taskOf(1), "app");
    expect(findings).toContainEqual(
      expect.objectContaining({ check: "cluster_logging", status: "warning" }),
    );
    expect(blocking(findings)).toEqual([]);
  });
});
