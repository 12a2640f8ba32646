import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  partitionOf,
  placesOf,
  readDeploymentConfiguration,
} from "../../lib/deployment-configuration.ts";

const account = "111122223333";
const good = {
  home: { account, region: "us-east-1" },
  clusters: [`arn:aws:ecs:us-east-1:${account}:cluster/prod`],
  bootstrap: [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }],
};

describe("readDeploymentConfiguration", () => {
  it("reads the example", () => {
    const url = new URL("../../examples/gateway.json", import.meta.url);
    expect(() => readDeploymentConfiguration(JSON.parse(readFileSync(url, "utf8")))).not.toThrow();
  });

  it("keeps logs for a year, trusts no session names and stops no tasks unless told", () => {
    expect(readDeploymentConfiguration(good)).toEqual({
      ...good,
      trustedRoles: [],
      logRetentionDays: 365,
      mayStopTasks: false,
    });
  });

  it("takes other limits, but none by which one person uses up a target", () => {
    const read = (rates: object) => readDeploymentConfiguration({ ...good, rates }).rates;
    expect(read({ write: 150 })).toEqual({ write: 150 });
    expect(read({ write: 20, read: 50, target: 40 })).toEqual({ write: 20, read: 50, target: 40 });
    for (const rates of [
      { write: 151 },
      { target: 239 },
      { write: 0 },
      { read: 1.5 },
      { open: 3 },
    ]) {
      expect(() => read(rates), JSON.stringify(rates)).toThrow(/\n {2}rates/);
    }
  });

  it.each([
    ["home.account", { home: { account: "1", region: "us-east-1" } }],
    ["home.region", { home: { account, region: "Virginia" } }],
    ["clusters", { clusters: [] }],
    ["clusters.0", { clusters: ["prod"] }],
    ["clusters.0", { clusters: [`arn:aws:ecs:us-east-1:${account}:cluster/*`] }],
    ["clusters.0", { clusters: ["arn:aws:ecs:us-east-1:999988887777:cluster/prod"] }],
    ["clusters.1", { clusters: [good.clusters[0], good.clusters[0]] }],
    [
      "clusters.1",
      { clusters: [good.clusters[0], `arn:aws-cn:ecs:cn-north-1:${account}:cluster/prod`] },
    ],
    ["bootstrap", { bootstrap: [] }],
    [
      "bootstrap.0.person",
      { bootstrap: [{ person: "o l", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }] },
    ],
    ["bootstrap.0.principal.uniqueId", { bootstrap: [{ person: "olga", principal: { account } }] }],
    ["trustedRoles.0.roleId", { trustedRoles: [{ account, roleId: "AIDACKCEVSQ6C2EXAMPLE" }] }],
    ["logRetentionDays", { logRetentionDays: 100 }],
    ["logRetentionDays", { logRetentionDays: 9999 }],
    ["configuration", { region: "us-east-1" }],
    [
      "configuration",
      {
        clusters: Array.from(
          { length: 60 },
          (_, i) => `arn:aws:ecs:us-east-1:${account}:cluster/cluster-${i}`,
        ),
      },
    ],
  ])("names %s where it is wrong: %j", (where, change) => {
    expect(() => readDeploymentConfiguration({ ...good, ...change })).toThrow(
      new RegExp(`^the deployment's configuration cannot be used:\n(?:.*\n)*  ${where}: `),
    );
  });

  it("names everything that is wrong at once", () => {
    const bad = { ...good, clusters: ["prod"], bootstrap: [] };
    expect(() => readDeploymentConfiguration(bad)).toThrow(/clusters\.0: [^]*\n {2}bootstrap: /);
  });
});

describe("placesOf and partitionOf", () => {
  it("puts the home region first, and each other region once", () => {
    const clusters = ["eu-west-1", "us-east-1", "eu-west-1"].map(
      (region, i) => `arn:aws-us-gov:ecs:${region}:${account}:cluster/c${i}`,
    );
    expect(placesOf({ home: { account, region: "us-east-1" }, clusters })).toEqual([
      { account, region: "us-east-1" },
      { account, region: "eu-west-1" },
    ]);
    expect(partitionOf(clusters)).toBe("aws-us-gov");
  });
});
