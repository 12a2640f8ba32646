import { describe, expect, it } from "vitest";
import { endpointFinding, subnetOf, vpcOf } from "../../../core/checks/endpoints.ts";
import type { VpcEndpoint } from "../../../core/surroundings.ts";
import { taskOf } from "../../kit/build-request.ts";

const place = { account: "111122223333", region: "eu-west-1" };
const endpoint = (service: string, more: Partial<VpcEndpoint> = {}): VpcEndpoint => ({
  serviceName: `com.amazonaws.eu-west-1.${service}`,
  kind: "Interface",
  state: "available",
  privateDns: true,
  ...more,
});

describe("an endpoint of ssmmessages", () => {
  it.each<[string, VpcEndpoint[], string]>([
    ["is there", [endpoint("ecs"), endpoint("ssmmessages")], "passed"],
    ["is missing among others", [endpoint("ecs")], "warning"],
    [
      "is of another region",
      [endpoint("x", { serviceName: "com.amazonaws.us-east-1.ssmmessages" })],
      "warning",
    ],
    ["is not available yet", [endpoint("ssmmessages", { state: "pending" })], "warning"],
    ["is not found by its name", [endpoint("ssmmessages", { privateDns: false })], "warning"],
    [
      "is there twice, and one of them works",
      [endpoint("ssmmessages", { state: "deleting" }), endpoint("ssmmessages")],
      "passed",
    ],
    [
      "is not to be expected beside a gateway alone",
      [endpoint("s3", { kind: "Gateway" })],
      "not_checked",
    ],
    ["is not to be expected where there are none", [], "not_checked"],
  ])("%s", (_, value, status) => {
    const found = endpointFinding(place, "vpc-1", { kind: "told", value });
    expect(found.status).toBe(status);
    expect(found.remedy === "").toBe(status === "passed");
  });

  it("is known by China's name for it", () => {
    const value = [endpoint("x", { serviceName: "cn.com.amazonaws.cn-north-1.ssmmessages" })];
    const china = { ...place, region: "cn-north-1" };
    expect(endpointFinding(china, "vpc-1", { kind: "told", value }).status).toBe("passed");
  });

  it("is not guessed where EC2 does not tell, where the subnet is shared, or where there is none", () => {
    const why = { kind: "not_told", why: "refused" } as const;
    expect(endpointFinding(place, "vpc-1", why).status).toBe("not_checked");
    expect(vpcOf(place, why)).toMatchObject({ finding: { status: "not_checked" } });
    const subnet = { subnetId: "subnet-1", vpcId: "vpc-1", ownerId: place.account };
    expect(vpcOf(place, { kind: "told", value: subnet })).toEqual({ vpcId: "vpc-1" });
    const shared = { ...subnet, ownerId: "444455556666" };
    expect(vpcOf(place, { kind: "told", value: shared })).toMatchObject({
      finding: { status: "not_checked", remedy: expect.stringContaining("444455556666") as string },
    });
    expect(subnetOf(taskOf(1))).toMatchObject({ finding: { status: "not_checked" } });
    expect(subnetOf(taskOf(1, { subnets: ["subnet-1"] }))).toEqual({ subnetId: "subnet-1" });
  });
});
