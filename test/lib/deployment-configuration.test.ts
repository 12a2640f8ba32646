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

const network = {
  vpcId: "vpc-0123456789abcdef0",
  subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  securityGroupIds: ["sg-0123456789abcdef0"],
  stsEndpointId: "vpce-0123456789abcdef0",
};
const certificate = "certificate/12345678-1234-1234-1234-123456789012";
const domain = {
  name: "exec.example.com",
  certificateArn: `arn:aws:acm:us-east-1:${account}:${certificate}`,
};
const inAnotherRegion = `arn:aws:acm:eu-west-1:${account}:${certificate}`;

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

  it("keeps logs for a year, trusts no session names and stops no tasks unless told", () => {
    expect(readDeploymentConfiguration(good)).toEqual({
      ...good,
      trustedRoles: [],
      logRetentionDays: 365,
      mayStopTasks: false,
      ownKeys: false,
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

  it.each([
    ["home.account", { home: { account: "1", region: "us-east-1" } }],
    ["home.region", { home: { account, region: "Virginia" } }],
    ["clusters", { clusters: [] }],
    ["clusters.0", { clusters: ["prod"] }],
    ["clusters.0", { clusters: [`arn:aws:ecs:us-east-1:${account}:cluster/*`] }],
    ["clusters.1", { clusters: [good.clusters[0], good.clusters[0]] }],
    [
      "clusters.1",
      { clusters: [good.clusters[0], `arn:aws-cn:ecs:cn-north-1:${account}:cluster/prod`] },
    ],
    ["network.subnetIds", { network: { ...network, subnetIds: ["subnet-0123456789abcdef0"] } }],
    ["network.stsEndpointId", { network: { ...network, stsEndpointId: undefined } }],
    ["domain.name", { domain: { ...domain, name: "https://exec.example.com" } }],
    ["domain.certificateArn", { domain: { ...domain, certificateArn: inAnotherRegion } }],
    ["domain.hostedZone.name", { domain: { ...domain, hostedZone: { id: "Z1", name: "x.org" } } }],
    ["alarmMail", { alarmMail: "on call" }],
    ["ownKeys", { ownKeys: "yes" }],
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
