import { describe, expect, it } from "vitest";
import {
  type Condition,
  conditionHolds,
  parseConditions,
  variablesFrom,
} from "../../../emulator/iam/condition.ts";
import type { RequestContext } from "../../../emulator/iam/context.ts";

const cluster = "arn:aws:ecs:us-east-1:111122223333:cluster/demo";
const name = (value: string): RequestContext => ({ "ecs:container-name": value });
const keys = (...values: string[]): RequestContext => ({ "aws:tagkeys": values });
const at = (value: string): RequestContext => ({ "aws:currenttime": value });

/** One operator over one key, judged. */
function holds(
  operator: string,
  key: string,
  values: unknown,
  context: RequestContext,
  emptyIsText = false,
): boolean {
  return parseConditions({ [operator]: { [key]: values } }).every((condition: Condition) =>
    conditionHolds(condition, context, variablesFrom(context, { emptyIsText })),
  );
}

describe("a condition on a key that is there", () => {
  it.each<[string, string, unknown, RequestContext, boolean]>([
    ["StringEquals", "ecs:container-name", "app", name("app"), true],
    ["StringEquals", "ecs:container-name", "app", name("App"), false],
    ["StringEquals", "ecs:container-name", "app", name("app2"), false],
    ["StringEquals", "ecs:container-name", ["a", "b"], name("b"), true],
    ["StringEquals", "ecs:container-name", ["a", "b"], name("c"), false],
    ["StringEquals", "ecs:container-name", "a*", name("abc"), false],
    ["StringEquals", "ecs:container-name", "a*", name("a*"), true],
    ["StringEquals", "ecs:container-name", "", name(""), true],
    ["StringNotEquals", "ecs:container-name", "app", name("app"), false],
    ["StringNotEquals", "ecs:container-name", "app", name("envoy"), true],
    ["StringNotEquals", "ecs:container-name", ["a", "b"], name("b"), false],
    ["StringNotEquals", "ecs:container-name", ["a", "b"], name("c"), true],
    ["StringEqualsIgnoreCase", "ecs:container-name", "APP", name("app"), true],
    ["StringEqualsIgnoreCase", "ecs:container-name", "APP", name("apps"), false],
    ["StringLike", "ecs:container-name", "a?p*", name("appendix"), true],
    ["StringLike", "ecs:container-name", "a?p", name("ap"), false],
    ["StringLike", "ecs:container-name", "A*", name("app"), false],
    ["StringNotLike", "ecs:container-name", "a*", name("app"), false],
    ["StringNotLike", "ecs:container-name", "a*", name("envoy"), true],
    ["ArnEquals", "ecs:cluster", cluster, { "ecs:cluster": cluster }, true],
    ["ArnEquals", "ecs:cluster", "arn:aws:ecs:*:*:cluster/d?mo", { "ecs:cluster": cluster }, true],
    ["ArnLike", "ecs:cluster", "arn:aws:ecs:*:*:cluster/d*", { "ecs:cluster": cluster }, true],
    ["ArnLike", "ecs:cluster", "arn:aws:ecs:us*demo:a:b", { "ecs:cluster": cluster }, false],
    ["ArnLike", "ecs:cluster", "arn:aws:ecs:*:*:*", { "ecs:cluster": "demo" }, false],
    ["ArnNotEquals", "ecs:cluster", cluster, { "ecs:cluster": cluster }, false],
    ["ArnNotLike", "ecs:cluster", `${cluster}?`, { "ecs:cluster": cluster }, true],
    ["Bool", "aws:ViaAWSService", "false", { "aws:viaawsservice": "false" }, true],
    ["Bool", "aws:ViaAWSService", false, { "aws:viaawsservice": "false" }, true],
    ["Bool", "aws:ViaAWSService", "true", { "aws:viaawsservice": "false" }, false],
    ["Bool", "aws:ViaAWSService", "false", { "aws:viaawsservice": "no" }, false],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", at("2025-12-31T23:59:59Z"), true],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", at("2026-01-01T00:00:00Z"), false],
    [
      "DateGreaterThan",
      "aws:CurrentTime",
      "2026-01-01T00:00:00Z",
      at("2026-01-01T00:00:01Z"),
      true,
    ],
    [
      "DateGreaterThan",
      "aws:CurrentTime",
      "2026-01-01T00:00:00Z",
      at("2026-01-01T00:00:00Z"),
      false,
    ],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", at("yesterday"), false],
    ["Null", "ecs:container-name", "true", name("app"), false],
    ["Null", "ecs:container-name", "false", name("app"), true],
    ["Null", "ecs:container-name", "false", name(""), true],
    ["Null", "aws:TagKeys", "false", keys("a"), true],
    ["StringEqualsIfExists", "ecs:container-name", "app", name("envoy"), false],
    ["StringNotEqualsIfExists", "ecs:container-name", "app", name("app"), false],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], keys("a", "b"), true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], keys("a"), true],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a"], keys("a", "b"), false],
    ["ForAllValues:StringEquals", "aws:TagKeys", ["a"], keys("A"), false],
    ["ForAllValues:StringNotEquals", "aws:TagKeys", ["a", "b"], keys("c", "d"), true],
    ["ForAllValues:StringNotEquals", "aws:TagKeys", ["a", "b"], keys("c", "a"), false],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["b"], keys("a", "b"), true],
    ["ForAnyValue:StringEquals", "aws:TagKeys", ["c"], keys("a", "b"), false],
    ["ForAnyValue:StringNotEquals", "aws:TagKeys", ["a"], keys("a", "b"), true],
    ["ForAnyValue:StringNotEquals", "aws:TagKeys", ["a", "b"], keys("a", "b"), false],
  ])("%s %s %j on %j is %s", (operator, key, values, context, expected) => {
    expect(holds(operator, key, values, context)).toBe(expected);
  });

  it("compares the names of keys without case", () => {
    expect(holds("StringEquals", "ECS:Container-NAME", "app", name("app"))).toBe(true);
    const tagged = { "aws:principaltag/team": "a" };
    expect(holds("StringEquals", "aws:PrincipalTag/TEAM", "a", tagged)).toBe(true);
  });

  it("has to hold for every operator and every key", () => {
    const context = { ...name("app"), "ecs:task": "t" };
    const all = (block: unknown): boolean =>
      parseConditions(block).every((condition) =>
        conditionHolds(condition, context, () => undefined),
      );
    expect(all({ StringEquals: { "ecs:container-name": "app", "ecs:task": "t" } })).toBe(true);
    expect(all({ StringEquals: { "ecs:container-name": "app", "ecs:task": "u" } })).toBe(false);
    expect(
      all({ StringEquals: { "ecs:container-name": "app" }, StringLike: { "ecs:task": "u" } }),
    ).toBe(false);
  });

  it("is not judged where a key of one value has two", () => {
    const two: RequestContext = { "ecs:container-name": ["app", "envoy"] };
    expect(() => holds("StringEquals", "ecs:container-name", "app", two)).toThrow(TypeError);
    expect(() => holds("StringNotEquals", "ecs:container-name", "app", two)).toThrow(TypeError);
  });
});

describe("a condition on a key that is not there", () => {
  it.each<[string, string, string, boolean]>([
    ["StringEquals", "ecs:container-name", "app", false],
    ["StringEquals", "ecs:container-name", "", false],
    ["StringLike", "ecs:container-name", "*", false],
    ["ArnEquals", "ecs:cluster", cluster, false],
    ["Bool", "aws:MultiFactorAuthPresent", "false", false],
    ["DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", false],
    ["StringNotEquals", "ecs:container-name", "app", true],
    ["StringNotLike", "ecs:container-name", "*", true],
    ["ArnNotEquals", "ecs:cluster", cluster, true],
    ["StringEqualsIfExists", "ecs:container-name", "app", true],
    ["StringNotEqualsIfExists", "ecs:container-name", "app", true],
    ["BoolIfExists", "aws:MultiFactorAuthPresent", "true", true],
    ["ForAllValues:StringEquals", "aws:TagKeys", "a", true],
    ["ForAllValues:StringNotEquals", "aws:TagKeys", "a", true],
    ["ForAnyValue:StringEquals", "aws:TagKeys", "a", false],
    ["ForAnyValue:StringNotEquals", "aws:TagKeys", "a", false],
    ["ForAnyValue:StringEqualsIfExists", "aws:TagKeys", "a", true],
    ["Null", "ecs:container-name", "true", true],
    ["Null", "ecs:container-name", "false", false],
    ["Null", "aws:TagKeys", "true", true],
  ])("%s %s %j is %s", (operator, key, value, expected) => {
    expect(holds(operator, key, value, {})).toBe(expected);
    // A list without members is no value either.
    expect(holds(operator, key, value, { [key.toLowerCase()]: [] })).toBe(expected);
  });
});

describe("a policy variable in a condition", () => {
  const own = "${aws:PrincipalTag/name}";
  const tagged = (value: string): RequestContext => ({ "aws:principaltag/name": value });

  it("stands for its value, letter by letter", () => {
    expect(holds("StringEquals", "ecs:container-name", own, { ...name("a"), ...tagged("a") })).toBe(
      true,
    );
    expect(holds("StringLike", "ecs:container-name", own, { ...name("a"), ...tagged("*") })).toBe(
      false,
    );
    expect(
      holds("StringLike", "ecs:container-name", `${own}-*`, { ...name("a-1"), ...tagged("a") }),
    ).toBe(true);
  });

  it("is the empty text, or no value, as the one who asks decides", () => {
    const context = { ...name(""), ...tagged("") };
    expect(holds("StringEquals", "ecs:container-name", own, context, true)).toBe(true);
    expect(holds("StringEquals", "ecs:container-name", own, context, false)).toBe(false);
    expect(holds("StringLike", "ecs:container-name", `${own}*`, context, true)).toBe(true);
    expect(holds("StringLike", "ecs:container-name", `${own}*`, context, false)).toBe(false);
  });

  it.each<[string, string, string, boolean]>([
    ["may be a part of an ARN", "arn:aws:ecs:us-east-1:111122223333:cluster/${T}", "demo", true],
    ["is a part of an ARN literally", "arn:aws:ecs:us-east-1:*:cluster/${T}", "*", false],
    ["may be a whole ARN", "${T}", cluster, true],
    ["is a whole ARN literally", "${T}", "arn:aws:ecs:*:*:cluster/demo", false],
    ["is not cut off at the colons of its value", "arn:aws:ecs:${T}:cluster/demo:y", "a:b", false],
  ])("%s", (_, pattern, value, expected) => {
    const written = pattern.replace("${T}", own);
    const context = { "ecs:cluster": cluster, ...tagged(value) };
    expect(holds("ArnLike", "ecs:cluster", written, context)).toBe(expected);
    expect(holds("ArnNotLike", "ecs:cluster", written, context)).toBe(!expected);
  });

  it("equals no ARN where neither side is one", () => {
    const context = { "ecs:cluster": "demo", ...tagged("demo") };
    expect(holds("ArnEquals", "ecs:cluster", own, context)).toBe(false);
  });
});

describe("parseConditions", () => {
  it("finds no condition where no block is written", () => {
    expect(parseConditions(undefined)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["an empty block", {}],
    ["an operator without a key", { StringEquals: {} }],
    ["an empty operator beside a full one", { Null: {}, Bool: { "aws:ViaAWSService": "true" } }],
    ["a block that is null", null],
    ["a block that is a list", [{ StringEquals: { "ecs:task": "x" } }]],
    ["an operator that holds a text", { StringEquals: "ecs:task" }],
    ["an operator of another type of value", { NumericEquals: { "ecs:task": "1" } }],
    ["an operator in another case", { stringequals: { "ecs:task": "x" } }],
    ["an operator that every object has", { constructor: { "ecs:task": "x" } }],
    ["a quantifier it does not know", { "ForSomeValues:StringEquals": { "aws:TagKeys": "x" } }],
    ["two quantifiers", { "ForAllValues:ForAnyValue:StringEquals": { "aws:TagKeys": "x" } }],
    ["IfExists twice", { StringEqualsIfExistsIfExists: { "ecs:task": "x" } }],
    ["an IP range", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } }],
    ["a key it does not know", { StringEquals: { "ecs:color": "x" } }],
    ["a key with something before it", { StringEquals: { "xecs:task": "x" } }],
    ["a tag without a name", { StringEquals: { "aws:PrincipalTag/": "x" } }],
    ["one key in two cases", { StringEquals: { "ecs:task": "x", "ECS:Task": "y" } }],
    ["no value", { StringEquals: { "ecs:task": [] } }],
    ["a value that is null", { StringEquals: { "ecs:task": null } }],
    ["a value that is a number", { StringEquals: { "ecs:task": 1 } }],
    ["a value that is a list in a list", { StringEquals: { "ecs:task": [["x"]] } }],
    ["a key of several values under a single operator", { StringEquals: { "aws:TagKeys": "x" } }],
    ["Null of anything but true and false", { Null: { "ecs:task": "x" } }],
    ["Null of both", { Null: { "ecs:task": ["true", "false"] } }],
    ["Null with IfExists", { NullIfExists: { "ecs:task": "true" } }],
    ["Null with a quantifier", { "ForAllValues:Null": { "aws:TagKeys": "true" } }],
    ["Bool of anything but true and false", { Bool: { "aws:ViaAWSService": "yes" } }],
    ["a date that is none", { DateLessThan: { "aws:CurrentTime": "tomorrow" } }],
    ["a date in a zone", { DateLessThan: { "aws:CurrentTime": "2026-01-01T00:00:00+01:00" } }],
    ["a day that is none", { DateLessThan: { "aws:CurrentTime": "2026-02-30T00:00:00Z" } }],
    ["an ARN that is none", { ArnEquals: { "ecs:cluster": "demo" } }],
    ["an ARN of too few parts", { ArnLike: { "ecs:cluster": "arn:aws:ecs:*" } }],
    ["an ARN that is only a wildcard", { ArnLike: { "ecs:cluster": "*" } }],
    ["six parts that are no ARN", { ArnLike: { "ecs:cluster": "urn:a:b:c:d:e" } }],
    ["a variable not closed", { StringEquals: { "ecs:task": "${aws:PrincipalTag/x" } }],
    ["a variable with a default", { StringEquals: { "ecs:task": "${aws:PrincipalTag/x, 'y'}" } }],
    ["a variable it does not know", { StringEquals: { "ecs:task": "${aws:username}" } }],
    ["a variable of several values", { StringEquals: { "ecs:task": "${aws:TagKeys}" } }],
    ["a variable without case", { StringEqualsIgnoreCase: { "ecs:task": "${aws:userid}" } }],
  ])("refuses %s", (_, block) => {
    expect(() => parseConditions(block)).toThrow(Error);
  });
});
