import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { authorize, principalContext } from "../../../emulator/authorization.ts";
import { AwsError } from "../../../emulator/aws-error.ts";
import type { PolicyStatement } from "../../../emulator/iam/policy.ts";
import { isObject, type JsonObject } from "../../../emulator/json.ts";
import type { Principal } from "../../../emulator/principal.ts";
import { assumeRole } from "../../../emulator/sts/assume-role.ts";
import { getCallerIdentity } from "../../../emulator/sts/get-caller-identity.ts";
import type { World } from "../../../emulator/world.ts";
import { account, createWorld, region } from "../world.ts";

const roleArn = `arn:aws:iam::${account}:role/sallyport/exec`;
const functionRole = `arn:aws:iam::${account}:role/function`;
const task = `arn:aws:ecs:${region}:${account}:task/demo/abc`;
const other = `arn:aws:ecs:${region}:${account}:task/demo/def`;
const now = Date.parse("2026-11-24T08:20:21.500Z");
const everySts = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
const document = (...statements: PolicyStatement[]) => ({
  Version: "2012-10-17" as const,
  Statement: statements,
});
const may = (actions: string | string[], more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action: actions,
  Resource: "*",
  ...more,
});
const trusts = (
  actions: string | string[] = everySts,
  more: Partial<PolicyStatement> = {},
): PolicyStatement => ({
  Effect: "Allow",
  Principal: { AWS: functionRole },
  Action: actions,
  ...more,
});

interface Setting {
  trust?: PolicyStatement[];
  own?: PolicyStatement[];
  permissions?: PolicyStatement[];
  maxSessionSeconds?: number;
}

/** A function that may assume one role, in an account where that role trusts it. */
function setting({ trust = [trusts()], own = [may(everySts)], ...role }: Setting = {}): {
  world: World;
  caller: Principal;
} {
  const world = createWorld({
    now: () => now,
    identities: [
      {
        accessKeyId: "AKIAFUNCTION",
        secretAccessKey: "s",
        arn: `arn:aws:sts::${account}:assumed-role/function/run`,
        roleArn: functionRole,
        userId: "AROAFUNCTION:run",
        account,
        policies: [document(...own)],
      },
    ],
    roles: [
      {
        arn: roleArn,
        roleId: "AROAEXEC",
        trust: document(...trust),
        permissions: [document(...(role.permissions ?? [may("ecs:ExecuteCommand")]))],
        ...(role.maxSessionSeconds === undefined
          ? {}
          : { maxSessionSeconds: role.maxSessionSeconds }),
      },
    ],
  });
  const caller = world.credentials.principalOf("AKIAFUNCTION");
  if (caller === undefined) throw new Error("no caller");
  return { world, caller };
}

const input = (more: JsonObject = {}): JsonObject => ({
  RoleArn: roleArn,
  RoleSessionName: "req-1",
  ...more,
});

function outcome(start: Setting, more: JsonObject = {}): string {
  const { world, caller } = setting(start);
  try {
    assumeRole(world, caller, input(more));
    return "assumed";
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The session whose keys an answer holds. */
function sessionOf(world: World, { Credentials }: JsonObject): Principal {
  const id = isObject(Credentials) ? Credentials["AccessKeyId"] : undefined;
  const session = typeof id === "string" ? world.credentials.principalOf(id) : undefined;
  if (session === undefined) throw new Error("no session");
  return session;
}

function assumed(start: Setting, more: JsonObject = {}): { world: World; session: Principal } {
  const { world, caller } = setting(start);
  return { world, session: sessionOf(world, assumeRole(world, caller, input(more))) };
}

const tagged = { Tags: [{ Key: "Task", Value: "abc" }] };

describe("assumeRole", () => {
  it("answers keys that end when they say, a name, and how full the policy is", () => {
    const { world, caller } = setting();
    const answer = assumeRole(
      world,
      caller,
      input({ DurationSeconds: "900", SourceIdentity: "alice", ...tagged }),
    );
    expect(answer).toMatchObject({
      Credentials: { Expiration: "2026-11-24T08:35:21Z" },
      AssumedRoleUser: {
        Arn: `arn:aws:sts::${account}:assumed-role/exec/req-1`,
        AssumedRoleId: "AROAEXEC:req-1",
      },
      SourceIdentity: "alice",
    });
    expect(answer["PackedPolicySize"]).toBeGreaterThan(0);
  });

  it("makes a session with the role's policies, the request's tags and its source identity", () => {
    const { session } = assumed({}, { SourceIdentity: "alice", ...tagged });
    expect(session).toMatchObject({
      arn: `arn:aws:sts::${account}:assumed-role/exec/req-1`,
      roleArn,
      account,
      tags: { Task: "abc" },
      sourceIdentity: "alice",
      expiresAt: now + 3_600_000,
    });
    expect(session.sessionPolicy).toBeUndefined();
    const context = principalContext(session, now, region);
    expect(authorize(session, "ecs:ExecuteCommand", task, context).kind).toBe("allowed");
    expect(authorize(session, "ecs:StopTask", task, context).kind).toBe("denied");
  });

  it("gives a session what the role and the session policy both allow", () => {
    const Policy = JSON.stringify(
      document(may(["ecs:ExecuteCommand", "ecs:StopTask"], { Resource: task })),
    );
    const { session } = assumed({}, { Policy });
    const asked = (action: string, resource: string): string =>
      authorize(session, action, resource, {}).kind;
    expect(asked("ecs:ExecuteCommand", task)).toBe("allowed");
    expect(asked("ecs:ExecuteCommand", other)).toBe("denied");
    expect(asked("ecs:StopTask", task)).toBe("denied");
  });

  const denied = `AccessDenied: User: arn:aws:sts::${account}:assumed-role/function/run is not authorized to perform: `;
  it.each<[string, Setting, JsonObject, string]>([
    ["a role that is not there", {}, { RoleArn: `${roleArn}2` }, "sts:AssumeRole"],
    [
      "a role that trusts another",
      { trust: [trusts(everySts, { Principal: { AWS: roleArn } })] },
      {},
      "sts:AssumeRole",
    ],
    [
      "a role that trusts a service",
      { trust: [trusts(everySts, { Principal: { Service: "lambda.amazonaws.com" } })] },
      {},
      "sts:AssumeRole",
    ],
    [
      "a trust that forbids",
      { trust: [trusts(), trusts("sts:AssumeRole", { Effect: "Deny" })] },
      {},
      "sts:AssumeRole",
    ],
    ["no right of the caller's own", { own: [may("ecs:ListTasks")] }, {}, "sts:AssumeRole"],
    [
      "a right on another role",
      { own: [may(everySts, { Resource: functionRole })] },
      {},
      "sts:AssumeRole",
    ],
    [
      "tags the role does not take",
      { trust: [trusts("sts:AssumeRole")] },
      tagged,
      "sts:TagSession",
    ],
    ["tags the caller may not set", { own: [may("sts:AssumeRole")] }, tagged, "sts:TagSession"],
    [
      "a source identity the role does not take",
      { trust: [trusts("sts:AssumeRole")] },
      { SourceIdentity: "alice" },
      "sts:SetSourceIdentity",
    ],
    [
      "a source identity the caller may not set",
      { own: [may("sts:AssumeRole")] },
      { SourceIdentity: "alice" },
      "sts:SetSourceIdentity",
    ],
  ])("refuses %s", (_, start, more, action) => {
    expect(outcome(start, more)).toContain(`${denied}${action} on resource: `);
  });

  it("answers a role that is not there as it answers one that trusts nobody here", () => {
    const absent = outcome({}, { RoleArn: `arn:aws:iam::${account}:role/sallyport/exeb` });
    const stranger = outcome({ trust: [trusts(everySts, { Principal: { AWS: roleArn } })] });
    expect(absent.replace("/exeb", "/exec")).toBe(stranger);
  });

  type Block = NonNullable<PolicyStatement["Condition"]>;
  it.each<[string, Block, JsonObject, JsonObject]>([
    [
      "the session's name",
      { StringLike: { "sts:RoleSessionName": "req-*" } },
      {},
      { RoleSessionName: "debug" },
    ],
    ["a tag", { StringEquals: { "aws:RequestTag/task": "abc" } }, tagged, {}],
    [
      "a tag's presence",
      { Null: { "aws:RequestTag/Task": "false" } },
      tagged,
      { Tags: [{ Key: "Other", Value: "abc" }] },
    ],
    [
      "no other tag",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["Task"] } },
      tagged,
      { Tags: [...tagged.Tags, { Key: "Other", Value: "" }] },
    ],
    ["no tag at all", { Null: { "aws:TagKeys": "true" } }, { Tags: [] }, tagged],
    [
      "a source identity",
      { Null: { "sts:SourceIdentity": "false" } },
      { SourceIdentity: "alice" },
      {},
    ],
    [
      "an external id",
      { StringEquals: { "sts:ExternalId": "x1" } },
      { ExternalId: "x1" },
      { ExternalId: "x2" },
    ],
    [
      "the caller's own ARN, by its role",
      { ArnEquals: { "aws:PrincipalArn": functionRole }, Null: { "sts:ExternalId": "false" } },
      { ExternalId: "x1" },
      {},
    ],
  ])("holds the trust's condition on %s", (_, Condition, right, wrong) => {
    const start = { trust: [trusts(everySts, { Condition })] };
    expect(outcome(start, right)).toBe("assumed");
    expect(outcome(start, wrong)).toContain(`${denied}sts:AssumeRole`);
  });

  it("holds the same conditions in the caller's own policy", () => {
    const own = [may(everySts, { Condition: { Null: { "sts:SourceIdentity": "false" } } })];
    expect(outcome({ own }, { SourceIdentity: "alice" })).toBe("assumed");
    expect(outcome({ own })).toContain(`${denied}sts:AssumeRole`);
  });

  it("refuses a policy and tags that take too much room together", () => {
    const noise = (i: number): string =>
      [0, 1, 2, 3].map((n) => createHash("sha256").update(`${i} ${n}`).digest("hex")).join("");
    const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `key${i}`, Value: noise(i) }));
    expect(outcome({}, { Tags: Tags.slice(0, 2) })).toBe("assumed");
    expect(outcome({}, { Tags })).toMatch(/^PackedPolicyTooLarge: /);
  });

  it("issues no keys where it refuses", () => {
    const { world, caller } = setting({ trust: [trusts("sts:AssumeRole")] });
    let issued = 0;
    const counting: World = {
      ...world,
      credentials: {
        ...world.credentials,
        issue: (session) => {
          issued++;
          return world.credentials.issue(session);
        },
      },
    };
    expect(() => assumeRole(counting, caller, input(tagged))).toThrow(AwsError);
    expect(() => assumeRole(counting, caller, input({ Policy: "{" }))).toThrow(AwsError);
    expect(() => assumeRole(counting, caller, input({ DurationSeconds: "7200" }))).toThrow(
      AwsError,
    );
    expect(issued).toBe(0);
    assumeRole(counting, caller, input());
    expect(issued).toBe(1);
  });
});

describe("a session policy", () => {
  const allow = JSON.stringify(may("ecs:ListTasks"));
  it.each<[string, string]>([
    ["that is no JSON", "{"],
    ["that is null", "null"],
    ["with an element it does not know", JSON.stringify({ ...document(), Foo: 1 })],
    ["without a statement", JSON.stringify(document())],
    ["of the older version", `{"Version":"2008-10-17","Statement":${allow}}`],
    ["with a principal", JSON.stringify(document(may("ecs:*", { Principal: "*" })))],
    ["with an empty condition", JSON.stringify(document(may("ecs:*", { Condition: {} })))],
    [
      "with two lists of statements",
      `{"Version":"2012-10-17","Statement":${JSON.stringify(may("ecs:StopTask", { Resource: task }))},"Statement":${allow}}`,
    ],
    [
      "with a member twice, once escaped",
      `{"Version":"2012-10-17","Statement":{"Effect":"Deny","\\u0045ffect":"Allow","Action":"ecs:*","Resource":"*"}}`,
    ],
  ])("%s is refused", (_, Policy) => {
    expect(outcome({}, { Policy })).toMatch(/^MalformedPolicyDocument: Syntax errors in policy\. /);
  });

  it("may hold quotes, colons and braces in its texts", () => {
    const Policy = JSON.stringify(
      document(
        may("ecs:*", { Condition: { StringEquals: { "ecs:task": ['"a":{\\"b": 1}', ": "] } } }),
      ),
    );
    expect(outcome({}, { Policy })).toBe("assumed");
  });
});

describe("how long a session lasts", () => {
  it("is an hour at most for a caller who is a session of a role himself", () => {
    const start = { maxSessionSeconds: 43_200 };
    expect(outcome(start, { DurationSeconds: "3600" })).toBe("assumed");
    expect(outcome(start, { DurationSeconds: "3601" })).toMatch(
      /^ValidationError: .*role chaining/,
    );
  });

  it("is at most what the role allows, an hour unless it says otherwise", () => {
    const asUser = (maxSessionSeconds: number | undefined, seconds: number): string => {
      const { world, caller } = setting({
        trust: [trusts(everySts, { Principal: { AWS: account } })],
        ...(maxSessionSeconds === undefined ? {} : { maxSessionSeconds }),
      });
      const { roleArn: _, ...user } = { ...caller, arn: `arn:aws:iam::${account}:user/dev` };
      try {
        assumeRole(world, user, input({ DurationSeconds: String(seconds) }));
        return "assumed";
      } catch (error) {
        return error instanceof AwsError ? error.message : String(error);
      }
    };
    expect(asUser(undefined, 3_600)).toBe("assumed");
    expect(asUser(undefined, 3_601)).toMatch(/exceeds the MaxSessionDuration/);
    expect(asUser(7_200, 7_200)).toBe("assumed");
    expect(asUser(7_200, 7_201)).toMatch(/exceeds the MaxSessionDuration/);
  });
});

describe("a source identity", () => {
  const start = { trust: [trusts(everySts, { Principal: { AWS: account } })] };
  const again = (more: JsonObject): Principal => {
    const { world, caller } = setting(start);
    const named = { ...caller, sourceIdentity: "alice" };
    return sessionOf(world, assumeRole(world, named, input(more)));
  };

  it("follows the session through every further role", () => {
    expect(again({}).sourceIdentity).toBe("alice");
    expect(again({ SourceIdentity: "alice" }).sourceIdentity).toBe("alice");
  });

  it("cannot be changed once it is set", () => {
    expect(() => again({ SourceIdentity: "bob" })).toThrow(/sts:SetSourceIdentity/);
  });

  it("does not follow into a role that does not let it be set", () => {
    const { world, caller } = setting({ trust: [trusts("sts:AssumeRole")] });
    expect(() => assumeRole(world, { ...caller, sourceIdentity: "alice" }, input())).toThrow(
      /sts:SetSourceIdentity/,
    );
    expect(() => assumeRole(world, caller, input())).not.toThrow();
  });

  it("is alone in that: tags are the session's own only where they are sent again", () => {
    const { world, caller } = setting();
    const answer = assumeRole(world, { ...caller, tags: { Task: "abc" } }, input());
    expect(sessionOf(world, answer).tags).toEqual({});
  });
});

describe("getCallerIdentity", () => {
  it("names who signed, whatever their policies say", () => {
    const { world, session } = assumed({ permissions: [may("*", { Effect: "Deny" })] });
    expect(getCallerIdentity(world, session)).toEqual({
      Arn: `arn:aws:sts::${account}:assumed-role/exec/req-1`,
      UserId: "AROAEXEC:req-1",
      Account: account,
    });
  });
});
