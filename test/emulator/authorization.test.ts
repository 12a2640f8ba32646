import { describe, expect, it } from "vitest";
import { authorize, principalContext } from "../../emulator/authorization.ts";
import { type PolicyStatement, parsePolicy } from "../../emulator/iam/policy.ts";
import type { Principal } from "../../emulator/principal.ts";

const action = "ecs:ExecuteCommand";
const task = "arn:aws:ecs:us-east-1:111122223333:task/demo/abc";
const other = "arn:aws:ecs:us-east-1:111122223333:task/demo/def";
const identity = (...statements: PolicyStatement[]) =>
  parsePolicy({ Version: "2012-10-17", Statement: statements }, "identity");
const session = (...statements: PolicyStatement[]) =>
  parsePolicy({ Version: "2012-10-17", Statement: statements }, "session");
const allow = (resource = "*"): PolicyStatement => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});
const deny = (resource = "*"): PolicyStatement => ({ ...allow(resource), Effect: "Deny" });

const base: Principal = {
  accessKeyId: "ASIAEXAMPLE",
  arn: "arn:aws:sts::111122223333:assumed-role/exec/one",
  roleArn: "arn:aws:iam::111122223333:role/sallyport/exec",
  userId: "AROAEXAMPLE:one",
  account: "111122223333",
  policies: [],
  tags: {},
  since: 0,
};
const asked = (more: Partial<Principal>) => authorize({ ...base, ...more }, action, task, {});
const because = (why: string) => ({
  kind: "denied",
  message: `User: ${base.arn} is not authorized to perform: ${action} on resource: ${task} ${why}`,
});

describe("authorize", () => {
  it.each<[string, Partial<Principal>]>([
    ["an identity's policy alone", { policies: [identity(allow())] }],
    ["one of its policies", { policies: [identity(allow(other)), identity(allow(task))] }],
    [
      "both the identity's and the session's",
      { policies: [identity(allow())], sessionPolicy: session(allow(task)) },
    ],
    [
      "a policy whose deny is about something else",
      { policies: [identity(allow(), deny(other))], sessionPolicy: session(allow()) },
    ],
  ])("allows by %s", (_, more) => {
    expect(asked(more)).toEqual({ kind: "allowed" });
  });

  const noIdentity = `because no identity-based policy allows the ${action} action`;
  const noSession = `because no session policy allows the ${action} action`;
  const identityDeny = "with an explicit deny in an identity-based policy";
  const sessionDeny = "with an explicit deny in a session policy";
  it.each<[string, Partial<Principal>, string]>([
    ["no policy at all", {}, noIdentity],
    ["a policy for another resource", { policies: [identity(allow(other))] }, noIdentity],
    ["a session's policy alone", { sessionPolicy: session(allow()) }, noIdentity],
    [
      "a session's policy wider than the identity's",
      { policies: [identity(allow(other))], sessionPolicy: session(allow()) },
      noIdentity,
    ],
    [
      "an identity's policy wider than the session's",
      { policies: [identity(allow())], sessionPolicy: session(allow(other)) },
      noSession,
    ],
    [
      "a deny in one of the identity's policies",
      { policies: [identity(deny(task)), identity(allow())], sessionPolicy: session(allow()) },
      identityDeny,
    ],
    [
      "a deny in the session's policy",
      { policies: [identity(allow())], sessionPolicy: session(allow(), deny(task)) },
      sessionDeny,
    ],
    ["a deny in a session nothing allows", { sessionPolicy: session(deny()) }, sessionDeny],
  ])("denies by %s, and says so in AWS's words", (_, more, why) => {
    expect(asked(more)).toEqual(because(why));
  });
});

describe("principalContext", () => {
  const at = Date.parse("2026-11-24T08:20:21.900Z");

  it("names the role of a session, and the user who has none", () => {
    expect(principalContext(base, at, "us-east-1")["aws:principalarn"]).toBe(base.roleArn);
    const { roleArn: _, ...user } = { ...base, arn: "arn:aws:iam::111122223333:user/dev" };
    expect(principalContext(user, at, "us-east-1")["aws:principalarn"]).toBe(user.arn);
  });

  it("carries the session's tags and source identity, the instant and the region", () => {
    const tagged = { ...base, tags: { Team: "Payments" }, sourceIdentity: "alice" };
    expect(principalContext(tagged, at, "eu-west-1")).toEqual({
      "aws:principalarn": base.roleArn,
      "aws:principalaccount": "111122223333",
      "aws:userid": "AROAEXAMPLE:one",
      "aws:currenttime": "2026-11-24T08:20:21.900Z",
      "aws:requestedregion": "eu-west-1",
      "aws:viaawsservice": "false",
      "aws:sourceidentity": "alice",
      "aws:principaltag/team": "Payments",
    });
  });

  it("has no source identity and no tag where the session has none", () => {
    const context = principalContext(base, at, "us-east-1");
    expect(context["aws:sourceidentity"]).toBeUndefined();
    expect(Object.keys(context).filter((key) => key.includes("tag"))).toEqual([]);
  });
});
