import { describe, expect, it } from "vitest";
import { type PolicyDocument, PolicyError } from "../../../emulator/iam/policy.ts";
import { type RoleDescription, readRoles } from "../../../emulator/sts/roles.ts";

const trust: PolicyDocument = {
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" },
};
const permissions: PolicyDocument = {
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "ecs:*", Resource: "*" },
};
const role = (more: Partial<RoleDescription> = {}): RoleDescription => ({
  arn: "arn:aws:iam::111122223333:role/exec",
  roleId: "AROAEXEC",
  trust,
  permissions: [permissions],
  ...more,
});

describe("readRoles", () => {
  it.each([
    ["arn:aws:iam::111122223333:role/exec", "exec"],
    ["arn:aws:iam::111122223333:role/sallyport/a/exec", "exec"],
    [`arn:aws:iam::111122223333:role/${"n".repeat(64)}`, "n".repeat(64)],
  ])("finds a role by its whole ARN %s and names it by the last part", (arn, name) => {
    expect(readRoles([role({ arn })]).get(arn)).toMatchObject({
      name,
      account: "111122223333",
      maxSessionSeconds: 3_600,
    });
  });

  it.each([
    "arn:aws:iam::111122223333:user/exec",
    "arn:aws:iam::111122223333:role/",
    "arn:aws:iam::111122223333:role/a b",
    `arn:aws:iam::111122223333:role/${"n".repeat(65)}`,
    "arn:aws:iam::1:role/exec",
    "exec",
  ])("refuses %s, which is the ARN of no role", (arn) => {
    expect(() => readRoles([role({ arn })])).toThrow(TypeError);
  });

  it("refuses a role of which it cannot judge a document", () => {
    expect(() => readRoles([role({ trust: permissions })])).toThrow(PolicyError);
    expect(() => readRoles([role({ permissions: [permissions, trust] })])).toThrow(PolicyError);
  });

  it("refuses two roles of one ARN: the later would stand for both", () => {
    expect(() => readRoles([role(), role({ roleId: "AROAOTHER" })])).toThrow(TypeError);
  });
});
