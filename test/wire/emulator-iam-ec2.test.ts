import {
  DescribeSubnetsCommand,
  DescribeVpcEndpointsCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Emulator } from "../../emulator/server.ts";
import { account, admin, type Keys, nobody, region, startAccount } from "./emulator-account.ts";

const roleArn = `arn:aws:iam::${account}:role/web`;

/** IAM and EC2 as AWS's own clients speak to them: forms in, XML out. */
describe("IAM and EC2", () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startAccount({
      roles: [
        {
          arn: roleArn,
          roleId: "AROAWEB",
          trust: {
            Version: "2012-10-17",
            Statement: {
              Effect: "Allow",
              Principal: { Service: "ecs-tasks.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          },
          permissions: [
            {
              Version: "2012-10-17",
              Statement: [
                { Effect: "Allow", Action: "s3:*", Resource: "*" },
                { Effect: "Deny", Action: "s3:DeleteObject", Resource: "*" },
                {
                  Effect: "Allow",
                  Action: "kms:Decrypt",
                  Resource: "*",
                  Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } },
                },
              ],
            },
          ],
        },
      ],
      identities: [admin, nobody].map((keys) => ({
        ...keys,
        arn: `arn:aws:iam::${account}:user/${keys.accessKeyId}`,
        userId: keys.accessKeyId,
        account,
        policies: [
          {
            Version: "2012-10-17" as const,
            Statement: [
              {
                Effect: keys === admin ? ("Allow" as const) : ("Deny" as const),
                Action: ["iam:*", "ec2:*"],
                Resource: "*",
              },
            ],
          },
        ],
      })),
      fleet: {
        clusters: [],
        taskDefinitions: [],
        network: {
          subnets: [{ id: "subnet-1", vpcId: "vpc-1", ownerId: "444455556666" }],
          endpoints: [{ id: "vpce-1", vpcId: "vpc-1", serviceName: "a.b" }],
        },
      },
    });
  });
  afterAll(() => emulator.close());

  const settings = (credentials: Keys) => ({
    region,
    endpoint: emulator.url,
    credentials,
    maxAttempts: 1,
  });
  const simulate = (keys: Keys, ...ActionNames: string[]) =>
    new IAMClient(settings(keys)).send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: roleArn,
        ActionNames,
        ResourceArns: ["arn:aws:s3:::a/b"],
      }),
    );
  const subnets = (keys: Keys, ...SubnetIds: string[]) =>
    new EC2Client(settings(keys)).send(new DescribeSubnetsCommand({ SubnetIds }));
  const endpoints = (keys: Keys) =>
    new EC2Client(settings(keys)).send(
      new DescribeVpcEndpointsCommand({ Filters: [{ Name: "vpc-id", Values: ["vpc-1"] }] }),
    );

  it("simulate what a role may do, and name what a condition would have to know", async () => {
    const { EvaluationResults, IsTruncated } = await simulate(
      admin,
      "s3:PutObject",
      "s3:DeleteObject",
      "kms:Decrypt",
    );
    expect(IsTruncated).toBe(false);
    expect(
      EvaluationResults?.map((one) => [
        one.EvalActionName,
        one.EvalResourceName,
        one.EvalDecision,
        one.MissingContextValues,
      ]),
    ).toEqual([
      ["s3:PutObject", "arn:aws:s3:::a/b", "allowed", []],
      ["s3:DeleteObject", "arn:aws:s3:::a/b", "explicitDeny", []],
      ["kms:Decrypt", "arn:aws:s3:::a/b", "implicitDeny", ["aws:sourcevpce"]],
    ]);
  });

  it("describe a subnet with its owner, and the endpoints of one VPC", async () => {
    expect((await subnets(admin, "subnet-1")).Subnets).toMatchObject([
      { SubnetId: "subnet-1", VpcId: "vpc-1", OwnerId: "444455556666" },
    ]);
    expect((await endpoints(admin)).VpcEndpoints).toMatchObject([
      {
        VpcEndpointId: "vpce-1",
        ServiceName: "a.b",
        VpcEndpointType: "Interface",
        State: "available",
        PrivateDnsEnabled: true,
      },
    ]);
    await expect(subnets(admin, "subnet-2")).rejects.toMatchObject({
      name: "InvalidSubnetID.NotFound",
    });
  });

  it("refuse whom their policies deny, each in its own words", async () => {
    await expect(simulate(nobody, "s3:PutObject")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(subnets(nobody, "subnet-1")).rejects.toMatchObject({
      name: "UnauthorizedOperation",
    });
    await expect(endpoints(nobody)).rejects.toMatchObject({ name: "UnauthorizedOperation" });
  });

  it("refuse a signature made with another secret", async () => {
    const forged = { ...admin, secretAccessKey: "another" };
    for (const call of [simulate(forged, "s3:PutObject"), subnets(forged, "subnet-1")]) {
      await expect(call).rejects.toMatchObject({ name: "SignatureDoesNotMatch" });
    }
  });
});
