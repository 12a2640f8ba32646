import { describe, expect, it } from "vitest";
import { eventsTablePolicy } from "../../core/events-table-policy.ts";
import { evaluate, parsePolicy } from "../../emulator/iam/policy.ts";

const eventsTableArn = "arn:aws:dynamodb:us-east-1:111122223333:table/events";

describe("eventsTablePolicy", () => {
  const writer = "arn:aws:iam::111122223333:role/sallyport/sallyport-lambda-exec";
  const [appendOnly, onlyWriters] = eventsTablePolicy([writer]).Statement;

  it("denies everybody every write but a put", () => {
    expect(appendOnly).toMatchObject({ Effect: "Deny", Principal: "*", Resource: ["*"] });
    expect(appendOnly).not.toHaveProperty("Condition");
    expect(appendOnly?.Action.toSorted()).toEqual(
      [
        "BatchWriteItem",
        "DeleteItem",
        "PartiQLDelete",
        "PartiQLInsert",
        "PartiQLUpdate",
        "UpdateItem",
        "UpdateTimeToLive",
      ].map((action) => `dynamodb:${action}`),
    );
  });

  it("denies a put to everybody but the functions that write the record", () => {
    expect(onlyWriters).toEqual({
      Sid: "OnlyItsWriters",
      Effect: "Deny",
      Principal: "*",
      Action: ["dynamodb:PutItem"],
      Resource: ["*"],
      Condition: { ArnNotEquals: { "aws:PrincipalArn": [writer] } },
    });
  });

  const deployer = "arn:aws:iam::*:role/deploy-sallyport";
  const restorer = "arn:aws:iam::*:role/restore-tables";
  const administered = eventsTablePolicy([writer], {
    deployRoleArns: [deployer],
    recoveryRoleArns: [restorer],
  });

  /** What the emulator's evaluator says of a call to the table by a role that may otherwise do everything. */
  function isRefused(action: string, roleArn: string, policy = administered): boolean {
    // As a policy of the caller's, which names no principal.
    const statements = policy.Statement.map((one) => ({ ...one, Principal: undefined }));
    const text = JSON.stringify({ ...policy, Statement: statements });
    const document = parsePolicy(JSON.parse(text), "identity");
    const context = { "aws:principalarn": roleArn };
    const resource = eventsTableArn;
    return (
      evaluate([document], { action: `dynamodb:${action}`, resource, context }) === "explicit-deny"
    );
  }

  it.each([
    "UpdateTable",
    "DeleteTable",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
    "EnableKinesisStreamingDestination",
    "DisableKinesisStreamingDestination",
  ])("denies %s to all but who deploys or restores, once those are known", (action) => {
    const of = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
    for (const other of [of("Admin"), writer, of("sallyport/sallyport-lambda-decide")]) {
      expect([other, isRefused(action, other)]).toEqual([other, true]);
    }
    for (const one of [of("deploy-sallyport"), of("restore-tables")]) {
      expect([one, isRefused(action, one)]).toEqual([one, false]);
    }
    // A policy that denied it to all could not be changed by whoever deploys either.
    expect(isRefused(action, of("Admin"), eventsTablePolicy([writer]))).toBe(false);
  });

  it("leaves reading and describing to who has the right, and nobody an item to change", () => {
    const admin = "arn:aws:iam::111122223333:role/Admin";
    for (const action of ["GetItem", "Query", "DescribeTable", "GetResourcePolicy"]) {
      expect([action, isRefused(action, admin)]).toEqual([action, false]);
    }
    for (const action of ["UpdateItem", "DeleteItem", "BatchWriteItem", "UpdateTimeToLive"]) {
      const deploys = "arn:aws:iam::111122223333:role/deploy-sallyport";
      expect([action, isRefused(action, deploys)]).toEqual([action, true]);
    }
  });
});
