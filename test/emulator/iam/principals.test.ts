import { describe, expect, it } from "vitest";
import { namesCaller, parsePrincipals } from "../../../emulator/iam/principals.ts";

const account = "111122223333";
const session = {
  account,
  arn: `arn:aws:sts::${account}:assumed-role/exec/one`,
  roleArn: `arn:aws:iam::${account}:role/sallyport/exec`,
};
const user = { account, arn: `arn:aws:iam::${account}:user/dev` };

describe("the principals of a trust policy", () => {
  it.each<[unknown, boolean, boolean]>([
    ["*", true, true],
    [{ AWS: "*" }, true, true],
    [{ AWS: account }, true, true],
    [{ AWS: `arn:aws:iam::${account}:root` }, true, true],
    [{ AWS: session.roleArn }, true, false],
    [{ AWS: session.arn }, true, false],
    [{ AWS: user.arn }, false, true],
    [{ AWS: [user.arn, session.roleArn] }, true, true],
    [{ Service: "lambda.amazonaws.com", AWS: user.arn }, false, true],
    [{ AWS: `arn:aws:iam::${account}:role/exec` }, false, false],
    [{ AWS: `arn:aws:iam::${account}:role/sallyport/exe` }, false, false],
    [{ AWS: `arn:aws:sts::${account}:assumed-role/exec/two` }, false, false],
    [{ AWS: "444455556666" }, false, false],
    [{ AWS: "arn:aws:iam::444455556666:root" }, false, false],
    [{ Service: "*" }, false, false],
    [{ Service: account, Federated: session.roleArn }, false, false],
  ])("%j names the session: %s, the user: %s", (written, namesSession, namesUser) => {
    const principals = parsePrincipals(written);
    expect(namesCaller(principals, session)).toBe(namesSession);
    expect(namesCaller(principals, user)).toBe(namesUser);
  });

  it.each<[string, unknown]>([
    ["nobody", {}],
    ["an empty list", { AWS: [] }],
    ["an empty text", { AWS: "" }],
    ["an empty list beside a full one", { AWS: account, Service: [] }],
    ["a list in place of an object", [{ AWS: account }]],
    ["null", null],
    ["another text than *", account],
    ["a kind it does not know", { CanonicalUser: "79a5" }],
    ["a pattern of roles", { AWS: `arn:aws:iam::${account}:role/*` }],
    ["a pattern of accounts", { AWS: "arn:aws:iam::*:root" }],
    ["a variable", { AWS: `arn:aws:iam::${account}:role/\${aws:PrincipalTag/x}` }],
    ["a group, which is no principal", { AWS: `arn:aws:iam::${account}:group/devs` }],
    ["a resource of another service", { AWS: `arn:aws:ecs:us-east-1:${account}:cluster/a` }],
    ["an account number of eleven digits", { AWS: "11112222333" }],
    ["a number", { AWS: 111_122_223_333 }],
  ])("refuses %s", (_, written) => {
    expect(() => parsePrincipals(written)).toThrow(Error);
  });
});
