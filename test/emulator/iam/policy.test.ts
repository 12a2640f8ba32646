import { describe, expect, it } from "vitest";
import type { RequestContext } from "../../../emulator/iam/context.ts";
import {
  evaluate,
  evaluateTrust,
  PolicyError,
  type PolicyStatement,
  parsePolicy,
} from "../../../emulator/iam/policy.ts";
import { isObject } from "../../../emulator/json.ts";

const task = "arn:aws:ecs:us-east-1:111122223333:task/demo/abc";
const other = "arn:aws:ecs:us-east-1:111122223333:task/demo/def";
const action = "ecs:ExecuteCommand";
const allow = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  ...(more.NotAction === undefined ? { Action: action } : {}),
  ...(more.NotResource === undefined ? { Resource: "*" } : {}),
  ...more,
});
const deny = (more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  ...allow(more),
  Effect: "Deny",
});
const document = (...statements: unknown[]) => ({ Version: "2012-10-17", Statement: statements });

function judged(
  statements: PolicyStatement[],
  request: { action?: string; resource?: string; context?: RequestContext } = {},
): string {
  const policy = parsePolicy(document(...statements), "identity");
  return evaluate([policy], { action, resource: task, context: {}, ...request });
}

describe("evaluate", () => {
  it("allows what is named, and nothing else", () => {
    expect(judged([allow()])).toBe("allow");
    expect(judged([allow()], { action: "ecs:StopTask" })).toBe("no-match");
    expect(judged([allow({ Resource: task })], { resource: other })).toBe("no-match");
    expect(evaluate([], { action, resource: task, context: {} })).toBe("no-match");
  });

  it("lets an explicit deny win, wherever it stands", () => {
    expect(judged([allow(), deny({ Resource: task })])).toBe("explicit-deny");
    expect(judged([deny({ Resource: task }), allow()])).toBe("explicit-deny");
    expect(judged([deny()])).toBe("explicit-deny");
    expect(judged([deny({ Resource: other }), allow()])).toBe("allow");
    expect(judged([deny({ Action: "ecs:StopTask" }), allow()])).toBe("allow");
    const yes = parsePolicy(document(allow()), "identity");
    const no = parsePolicy(document(deny()), "identity");
    for (const policies of [
      [yes, no],
      [no, yes],
    ]) {
      expect(evaluate(policies, { action, resource: task, context: {} })).toBe("explicit-deny");
    }
  });

  it("forbids by a statement only while its condition holds", () => {
    const noMfa = deny({ Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } });
    const mfa = (value: string): string =>
      judged([allow(), noMfa], { context: { "aws:multifactorauthpresent": value } });
    expect(mfa("false")).toBe("explicit-deny");
    expect(mfa("true")).toBe("allow");
  });

  it("compares actions without case, and resources with it", () => {
    expect(judged([allow({ Action: "ECS:executecommand" })])).toBe("allow");
    expect(judged([allow({ Action: "ecs:Execute*" })], { action: "ECS:EXECUTECOMMAND" })).toBe(
      "allow",
    );
    expect(judged([allow({ Action: "ecs:Execute?" })])).toBe("no-match");
    expect(judged([allow({ Resource: task.replace("task", "Task") })])).toBe("no-match");
    expect(judged([allow(), deny({ Action: "ecs:EXECUTE*" })])).toBe("explicit-deny");
  });

  it("reads NotAction and NotResource as everything but what they name", () => {
    const notEcs = allow({ NotAction: ["ecs:*", "ssm:*"] });
    expect(judged([notEcs])).toBe("no-match");
    expect(judged([notEcs], { action: "SSM:StartSession" })).toBe("no-match");
    expect(judged([notEcs], { action: "sts:AssumeRole" })).toBe("allow");
    expect(judged([allow({ NotResource: task })])).toBe("no-match");
    expect(judged([allow({ NotResource: task })], { resource: other })).toBe("allow");
    expect(judged([allow(), deny({ NotResource: task })])).toBe("allow");
    expect(judged([allow(), deny({ NotResource: task })], { resource: other })).toBe(
      "explicit-deny",
    );
  });

  it("allows an operation without a resource only on *", () => {
    expect(judged([allow({ Resource: "*" })], { resource: "*" })).toBe("allow");
    expect(judged([allow({ Resource: "arn:*:*:*:*:*" })], { resource: "*" })).toBe("no-match");
  });

  it("lets a star reach over a colon to forbid, never to grant", () => {
    const across = "arn:aws:ecs:us-*:task/demo/abc";
    const wide = "arn:aws:ecs:us-*:*:*demo/abc";
    const far = "arn:aws:ecs:us-east-1:999988887777:task/x:task/demo/abc";
    const ecsUs = "arn:aws:ecs:us-*:111122223333:task/demo/abc";
    const spanned = "arn:aws:ecs:us-east-1:999988887777:x:111122223333:task/demo/abc";
    expect(judged([allow({ Resource: ecsUs })])).toBe("allow");
    expect(judged([allow({ Resource: ecsUs })], { resource: spanned })).toBe("no-match");
    expect(judged([allow(), deny({ Resource: ecsUs })], { resource: spanned })).toBe(
      "explicit-deny",
    );
    expect(judged([allow({ NotResource: ecsUs })], { resource: spanned })).toBe("no-match");
    expect(judged([allow(), deny({ NotResource: ecsUs })], { resource: spanned })).toBe(
      "explicit-deny",
    );
    // Within the last part a colon is a letter like any other.
    expect(judged([allow({ Resource: wide })], { resource: far })).toBe("allow");
    expect(() => judged([allow({ Resource: across })])).toThrow(PolicyError);
  });
});

describe("a policy variable", () => {
  const tagged = "arn:aws:ecs:us-east-1:111122223333:task/demo/${aws:PrincipalTag/task}";
  const prefix = `${tagged}*`;
  const tag = (value: string): RequestContext => ({ "aws:principaltag/task": value });

  it("is put in as it is: wildcards in it are letters", () => {
    expect(judged([allow({ Resource: tagged })], { context: tag("abc") })).toBe("allow");
    expect(judged([allow({ Resource: tagged })], { context: tag("*") })).toBe("no-match");
    expect(judged([allow({ Resource: prefix })], { context: tag("a") })).toBe("allow");
    expect(judged([allow(), deny({ Resource: tagged })], { context: tag("abc") })).toBe(
      "explicit-deny",
    );
    expect(judged([allow({ NotResource: tagged })], { context: tag("def") })).toBe("allow");
  });

  const own = "${aws:PrincipalTag/task}";
  const inAllow: [string, Partial<PolicyStatement>][] = [
    ["Resource", { Resource: tagged }],
    ["the beginning of a Resource", { Resource: prefix }],
    ["NotResource", { NotResource: tagged }],
    ["the beginning of a NotResource", { NotResource: prefix }],
    ["one NotResource of two", { NotResource: [other, tagged] }],
    ["StringEquals", { Condition: { StringEquals: { "ecs:task": own } } }],
    ["StringLike", { Condition: { StringLike: { "ecs:task": `${own}*` } } }],
    ["StringNotEquals", { Condition: { StringNotEquals: { "ecs:task": own } } }],
    ["StringNotLike", { Condition: { StringNotLike: { "ecs:task": `${own}?` } } }],
    ["ArnNotEquals", { Condition: { ArnNotEquals: { "ecs:cluster": own } } }],
    ["IfExists", { Condition: { StringEqualsIfExists: { "ecs:container-name": own } } }],
    ["ForAllValues", { Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": own } } }],
    [
      "ForAnyValue, negated",
      { Condition: { "ForAnyValue:StringNotEquals": { "aws:TagKeys": own } } },
    ],
  ];
  it.each(inAllow)("without a value, or an empty one, grants nothing by %s", (_, more) => {
    const about = { "ecs:task": "x", "aws:tagkeys": ["x"], "ecs:cluster": task };
    for (const context of [
      about,
      { ...about, ...tag("") },
      { ...about, "ecs:task": "", ...tag("") },
    ]) {
      expect(judged([allow(more)], { context })).toBe("no-match");
    }
  });

  it.each<[string, Partial<PolicyStatement>, RequestContext]>([
    ["a Resource that begins with it", { Resource: prefix }, {}],
    ["StringEquals", { Condition: { StringEquals: { "ecs:task": own } } }, { "ecs:task": "" }],
    ["StringLike", { Condition: { StringLike: { "ecs:task": `${own}*` } } }, { "ecs:task": "x" }],
    [
      "StringNotEquals of an empty text",
      { Condition: { StringNotEquals: { "ecs:task": own } } },
      { "ecs:task": "" },
    ],
    [
      "StringNotLike",
      { Condition: { StringNotLike: { "ecs:task": `${own}*` } } },
      { "ecs:task": "x" },
    ],
    ["NotResource", { NotResource: prefix }, {}],
    ["StringNotEquals", { Condition: { StringNotEquals: { "ecs:task": own } } }, {}],
    [
      "StringNotEquals of a text",
      { Condition: { StringNotEquals: { "ecs:task": own } } },
      { "ecs:task": "x" },
    ],
  ])("of an empty value forbids by %s", (_, more, context) => {
    expect(judged([allow(), deny(more)], { context: { ...context, ...tag("") } })).toBe(
      "explicit-deny",
    );
  });

  it("without a value forbids by what it does not name, as in IAM, and by nothing else", () => {
    const context = { "ecs:task": "x" };
    const without = (more: Partial<PolicyStatement>): string =>
      judged([allow(), deny(more)], { context });
    expect(without({ NotResource: tagged })).toBe("explicit-deny");
    expect(without({ Condition: { StringNotEquals: { "ecs:task": own } } })).toBe("explicit-deny");
    expect(without({ Resource: tagged })).toBe("allow");
    expect(without({ Condition: { StringEquals: { "ecs:task": own } } })).toBe("allow");
  });

  it("leaves the other resources of its statement as they are", () => {
    expect(judged([allow({ Resource: [tagged, task] })])).toBe("allow");
  });
});

describe("parsePolicy", () => {
  const base = { Effect: "Allow", Action: "ecs:ExecuteCommand", Resource: "*" };
  const refused: [string, unknown][] = [
    ["a statement that is no object", "Allow"],
    ["an element it does not know", { ...base, Principals: "*" }],
    ["an element in another case", { ...base, condition: { Null: { "ecs:task": "true" } } }],
    ["NotPrincipal", { ...base, NotPrincipal: "*" }],
    ["an element that every object has", JSON.parse(`{"Effect":"Allow","__proto__":{}}`)],
    ["an effect in another case", { ...base, Effect: "allow" }],
    ["no effect", { Action: "ecs:*", Resource: "*" }],
    ["both Action and NotAction", { ...base, NotAction: "ecs:*" }],
    ["neither Action nor NotAction", { Effect: "Allow", Resource: "*" }],
    ["an empty list of actions", { ...base, Action: [] }],
    ["an action that is null", { ...base, Action: null }],
    ["an action without a service", { ...base, Action: "ExecuteCommand" }],
    ["a service that is a pattern", { ...base, Action: "*:ExecuteCommand" }],
    ["an action with a variable", { ...base, Action: "ecs:${aws:PrincipalTag/x}" }],
    ["both Resource and NotResource", { ...base, NotResource: task }],
    ["neither Resource nor NotResource", { Effect: "Allow", Action: "ecs:*" }],
    ["an empty list of resources", { ...base, Resource: [] }],
    ["an empty resource", { ...base, Resource: "" }],
    ["a resource that is no ARN", { ...base, Resource: "task/demo" }],
    ["a resource that is all variable", { ...base, Resource: "${aws:PrincipalTag/x}" }],
    ["a variable that is not closed", { ...base, Resource: `${task}\${aws:PrincipalTag/x` }],
    ["a variable it does not know", { ...base, NotResource: `${task}\${aws:username}` }],
    ["an empty condition", { ...base, Condition: {} }],
    ["an operator without a key", { ...base, Condition: { StringEquals: {} } }],
    ["a condition it cannot judge", { ...base, Condition: { Exists: { "ecs:task": "x" } } }],
    ["a principal", { ...base, Principal: "*" }],
    ["a Sid with a hyphen", { ...base, Sid: "a-b" }],
    ["a Sid that is a number", { ...base, Sid: 1 }],
  ];
  it.each(refused)("refuses %s, in an Allow and in a Deny", (_, statement) => {
    const both = isObject(statement) && statement["Effect"] === "Allow";
    const forms = both ? [statement, { ...statement, Effect: "Deny" }] : [statement];
    for (const form of forms) {
      expect(() => parsePolicy(document(allow(), form), "identity")).toThrow(PolicyError);
      expect(() => parsePolicy(document(allow(), form), "session")).toThrow(PolicyError);
    }
  });

  it("says which statement it refuses", () => {
    expect(() => parsePolicy(document(base, { ...base, Action: [] }), "identity")).toThrow(
      /^Statement 1: Action is empty$/,
    );
  });

  it.each<[string, unknown]>([
    ["the older version", { Version: "2008-10-17", Statement: base }],
    ["no version", { Statement: base }],
    ["no statement", { Version: "2012-10-17" }],
    ["an empty list of statements", { Version: "2012-10-17", Statement: [] }],
    ["an element it does not know", { Version: "2012-10-17", Statement: base, Extra: 1 }],
    ["one Sid twice", document({ ...base, Sid: "A" }, { ...base, Sid: "A" })],
    ["text", "{}"],
    ["null", null],
  ])("refuses a document of %s", (_, written) => {
    expect(() => parsePolicy(written, "identity")).toThrow(PolicyError);
  });

  it("takes one statement without a list, and Sids that differ", () => {
    const parsed = parsePolicy({ Version: "2012-10-17", Id: "x", Statement: base }, "identity");
    expect(evaluate([parsed], { action, resource: task, context: {} })).toBe("allow");
    const two = document({ ...base, Sid: "A" }, { ...base, Sid: "B" });
    expect(parsePolicy(two, "identity").statements).toHaveLength(2);
  });
});

describe("evaluateTrust", () => {
  const caller = {
    account: "111122223333",
    arn: "arn:aws:sts::111122223333:assumed-role/exec/one",
    roleArn: "arn:aws:iam::111122223333:role/exec",
  };
  const statement = (more: object = {}) => ({
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { AWS: caller.roleArn },
    ...more,
  });
  const judge = (statements: object[], context: RequestContext = {}, asked = "sts:AssumeRole") =>
    evaluateTrust(parsePolicy(document(...statements), "trust"), caller, {
      action: asked,
      context,
    });

  it("allows a caller who is named, what is named", () => {
    expect(judge([statement()])).toBe("allow");
    expect(judge([statement()], {}, "sts:TagSession")).toBe("no-match");
    expect(judge([statement({ Principal: { AWS: `${caller.roleArn}2` } })])).toBe("no-match");
  });

  it("holds the conditions of the statement that names the caller", () => {
    const given = statement({ Condition: { StringEquals: { "sts:ExternalId": "x" } } });
    expect(judge([given])).toBe("no-match");
    expect(judge([given], { "sts:externalid": "y" })).toBe("no-match");
    expect(judge([given], { "sts:externalid": "x" })).toBe("allow");
  });

  it("does not join the principal of one statement to the conditions of another", () => {
    const stranger = { AWS: "arn:aws:iam::111122223333:role/other" };
    expect(
      judge([
        statement({ Principal: stranger }),
        statement({ Condition: { StringEquals: { "sts:ExternalId": "x" } } }),
      ]),
    ).toBe("no-match");
  });

  it("lets an explicit deny win, if it names the caller", () => {
    const no = (principal: unknown) => statement({ Effect: "Deny", Principal: principal });
    expect(judge([statement(), no("*")])).toBe("explicit-deny");
    expect(judge([statement(), no({ AWS: "111122223333" })])).toBe("explicit-deny");
    expect(judge([statement(), no({ AWS: "444455556666" })])).toBe("allow");
  });

  it.each<[string, object]>([
    ["nobody", { Principal: {} }],
    ["no principal", { Principal: undefined }],
    ["a pattern of principals", { Principal: { AWS: "arn:aws:iam::111122223333:role/*" } }],
    ["a resource", { Resource: "*" }],
    ["what is not a resource", { NotResource: task }],
  ])("is not asked of a document that names %s", (_, more) => {
    expect(() => parsePolicy(document(statement(more)), "trust")).toThrow(PolicyError);
  });
});
