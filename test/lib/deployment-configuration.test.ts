import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { partitionOf, placesOf } from "../../lib/cluster-arn.ts";
import {
  configurationJsonSchema,
  readDeploymentConfiguration,
} from "../../lib/deployment-configuration.ts";

const account = "111122223333";
const good = {
  home: { account, region: "us-east-1" },
  clusters: [`arn:aws:ecs:us-east-1:${account}:cluster/prod`],
  bootstrap: [{ person: "olga", principal: { account, uniqueId: "AIDACKCEVSQ6C2EXAMPLE" } }],
};

const examples = new URL("../../examples/", import.meta.url);
const exampleNames = readdirSync(examples).filter(
  (name) => name.endsWith(".json") && name !== "gateway.schema.json",
);

describe("readDeploymentConfiguration", () => {
  it.each(exampleNames)("reads examples/%s", (name) => {
    const text = readFileSync(new URL(name, examples), "utf8");
    expect(() => readDeploymentConfiguration(JSON.parse(text))).not.toThrow();
  });

  it("takes clusters of any account of the partition", () => {
    const elsewhere = "arn:aws:ecs:eu-west-1:999988887777:cluster/prod";
    expect(readDeploymentConfiguration({ ...good, clusters: [elsewhere] }).clusters).toEqual([
      elsewhere,
    ]);
  });

  it("keeps logs for a year, trusts no session names and stops no tasks, and looks at ECS alone, unless told", () => {
    expect(readDeploymentConfiguration(good)).toEqual({
      ...good,
      trustedRoles: [],
      oidc: [],
      logRetentionDays: 365,
      mayStopTasks: false,
      deepPreflight: false,
      ownKeys: false,
      deployRoleArns: [],
      recoveryRoleArns: [],
      dashboard: false,
      tracing: false,
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
});

describe("examples/gateway.schema.json", () => {
  it("is the schema of what is read; `npm run schema` writes it anew", () => {
    const text = readFileSync(new URL("gateway.schema.json", examples), "utf8");
    expect(JSON.parse(text)).toEqual(configurationJsonSchema());
  });

  it("tells an editor what each field is for", () => {
    const { properties } = configurationJsonSchema() as { properties: { [name: string]: object } };
    expect(Object.keys(properties).length).toBeGreaterThan(10);
    for (const field of Object.values(properties)) expect(field).toHaveProperty("description");
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
