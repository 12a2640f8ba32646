import { beforeEach, describe, expect, it } from "vitest";
import { KEPT_MS, keepingDescriptions } from "../../adapters/kept-descriptions.ts";
import type { Cluster, Containers, Place, TaskDefinition } from "../../core/containers.ts";

const here: Place = { account: "111122223333", region: "us-east-1" };
const elsewhere: Place = { ...here, region: "eu-west-1" };
const cluster: Cluster = {
  clusterArn: "arn:c",
  clusterName: "c",
  logging: "NONE",
  logDestinations: [],
};
const definition = (arn: string): TaskDefinition => ({
  taskDefinitionArn: arn,
  family: "web",
  tags: {},
  containers: [],
});

describe("keepingDescriptions", () => {
  let now = 0;
  let calls: string[] = [];
  let there = true;
  let containers: Containers;
  beforeEach(() => {
    now = 1_000;
    calls = [];
    there = true;
    const unused = (): never => {
      throw new Error("not asked for here");
    };
    containers = keepingDescriptions(
      {
        async describeCluster(place, name) {
          calls.push(`${place.region} ${name}`);
          return there ? cluster : undefined;
        },
        async describeTaskDefinition(place, name) {
          calls.push(`${place.region} ${name}`);
          return definition(name);
        },
        describeService: unused,
        listServices: unused,
        listTasks: unused,
        describeTasks: unused,
      },
      { now: () => now },
    );
  });

  it("asks for a cluster once until its time is over, to the millisecond", async () => {
    expect(await containers.describeCluster(here, "c")).toBe(cluster);
    now += KEPT_MS - 1;
    expect(await containers.describeCluster(here, "c")).toBe(cluster);
    expect(calls).toHaveLength(1);
    now += 1;
    await containers.describeCluster(here, "c");
    expect(calls).toHaveLength(2);
  });

  it("keeps places apart", async () => {
    await containers.describeCluster(here, "c");
    await containers.describeCluster(elsewhere, "c");
    expect(calls).toEqual(["us-east-1 c", "eu-west-1 c"]);
  });

  it("asks again for what was not there", async () => {
    there = false;
    expect(await containers.describeCluster(here, "c")).toBeUndefined();
    there = true;
    expect(await containers.describeCluster(here, "c")).toBe(cluster);
  });

  it("keeps a numbered definition, and never a family that may be deployed anew", async () => {
    for (const name of ["arn:td/web:3", "arn:td/web:3", "web", "web"]) {
      await containers.describeTaskDefinition(here, name);
    }
    expect(calls).toEqual(["us-east-1 arn:td/web:3", "us-east-1 web", "us-east-1 web"]);
  });

  it("holds a bounded number", async () => {
    for (let i = 0; i < 1_000; i++) await containers.describeCluster(here, `c${i}`);
    await containers.describeCluster(here, "c999");
    expect(calls).toHaveLength(1_000);
    await containers.describeCluster(here, "c0");
    expect(calls).toHaveLength(1_001);
  });
});
