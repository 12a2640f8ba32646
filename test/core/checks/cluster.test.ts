import { describe, expect, it } from "vitest";
import { clusterChecks, keepsTranscript } from "../../../core/checks/cluster.ts";
import type { Cluster } from "../../../core/containers.ts";
import { definitionOf, siteOf } from "../../kit/build-request.ts";

const { cluster } = siteOf();
const without = definitionOf({ awslogs: false });
const encrypted: Cluster["logDestinations"] = [
  { kind: "log_group", name: "/exec", mustBeEncrypted: true },
];

function found(change: Partial<Cluster>, check: string, definition = definitionOf()) {
  return clusterChecks({ ...cluster, ...change }, definition, "app").find((f) => f.check === check);
}

describe("what a cluster says of ECS Exec", () => {
  it("passes as a whole where nothing is to be desired", () => {
    expect(clusterChecks(cluster, definitionOf(), "app")).toEqual(
      ["cluster_kms_key", "cluster_logging", "cluster_log_encryption"].map((check) => ({
        check,
        status: "passed",
        remedy: "",
      })),
    );
  });

  it.each<[string, string, Partial<Cluster>, string, string]>([
    ["a customer key", "cluster_kms_key", { kmsKeyId: "k" }, "failed", "kmsKeyId"],
    ["no logging", "cluster_logging", { logging: "NONE" }, "warning", "keeps no transcript"],
    [
      "nowhere to log",
      "cluster_logging",
      { logDestinations: [] },
      "warning",
      "neither a log group",
    ],
    [
      "a log group that must be encrypted",
      "cluster_log_encryption",
      { logDestinations: encrypted },
      "not_checked",
      "logs:DescribeLogGroups",
    ],
    [
      "a bucket that must be encrypted",
      "cluster_log_encryption",
      { logDestinations: [{ kind: "bucket", name: "b", mustBeEncrypted: true }] },
      "not_checked",
      "s3:GetEncryptionConfiguration",
    ],
  ])("says of %s what to do: %s", (_, check, change, status, remedy) => {
    expect(found(change, check)).toEqual({
      check,
      status,
      remedy: expect.stringContaining(remedy) as string,
    });
  });

  it("goes by the container's own awslogs where the cluster has the default", () => {
    expect(found({ logging: "DEFAULT" }, "cluster_logging")?.status).toBe("passed");
    expect(found({ logging: "DEFAULT" }, "cluster_logging", without)).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("it has none") as string,
    });
    const unread = clusterChecks({ ...cluster, logging: "DEFAULT" }, undefined, "app");
    expect(unread[1]?.status).toBe("not_checked");
  });

  it("asks for no encryption where nothing is written", () => {
    expect(
      found({ logging: "NONE", logDestinations: encrypted }, "cluster_log_encryption")?.status,
    ).toBe("passed");
  });
});

describe("a transcript", () => {
  it.each<[Cluster["logging"], Cluster["logDestinations"], boolean, boolean]>([
    ["OVERRIDE", cluster.logDestinations, false, true],
    ["OVERRIDE", [], true, false],
    ["DEFAULT", [], true, true],
    ["DEFAULT", cluster.logDestinations, false, false],
    ["NONE", cluster.logDestinations, true, false],
  ])("%s to %o with awslogs %s is kept: %s", (logging, logDestinations, awslogs, kept) => {
    const definition = definitionOf({ awslogs });
    expect(keepsTranscript({ ...cluster, logging, logDestinations }, definition, "app")).toBe(kept);
  });
});
