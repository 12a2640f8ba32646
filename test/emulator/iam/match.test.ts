import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  arnComponents,
  matchesArn,
  matchesPattern,
  PatternError,
  parseArnPattern,
  parsePattern,
  variablesIn,
} from "../../../emulator/iam/match.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const tag = "${aws:PrincipalTag/x}";
const valueOf =
  (value: string | undefined) =>
  (key: string): string | undefined =>
    key === "aws:principaltag/x" ? value : undefined;
const matches = (pattern: string, text: string, value?: string): boolean =>
  matchesPattern(parsePattern(pattern, { wildcards: true }), text, valueOf(value));

describe("a pattern", () => {
  it.each([
    ["*", "", true],
    ["?", "", false],
    ["?", "é", true],
    ["?", "😀", true],
    ["a*b*c", "aXbXbXc", true],
    ["a*b*c", "aXbX", false],
    ["*abc", "ababc", true],
    ["abc", "abcd", false],
    ["abc", "ab", false],
    ["a**b", "ab", true],
    ["", "", true],
    ["", "a", false],
    ["${*}", "*", true],
    ["${*}", "x", false],
    ["${?}${$}", "?$", true],
    ["a${$}{b}", "a${b}", true],
    ["$a", "$a", true],
    ["A", "a", false],
  ])("%s on %s is %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  it("takes wildcards for letters where there are none", () => {
    const plain = parsePattern("a*?", { wildcards: false });
    expect(matchesPattern(plain, "a*?", valueOf(undefined))).toBe(true);
    expect(matchesPattern(plain, "abc", valueOf(undefined))).toBe(false);
  });

  it.each<[string, string, string | undefined, boolean]>([
    [tag, "a*", "a*", true],
    [tag, "abc", "a*", false],
    [`${tag}?`, "a*b", "a*", true],
    [`a${tag}*`, "abc", "", true],
    [tag, "", "", true],
    [tag, "", undefined, false],
    [`${tag}*`, "abc", undefined, false],
    [`*${tag}`, "undefined", undefined, false],
    [tag, "${*}", "${*}", true],
  ])("with a variable, %s on %j of %j is %s", (pattern, text, value, expected) => {
    expect(matches(pattern, text, value)).toBe(expected);
  });

  it("names its variables in lower case", () => {
    expect(variablesIn(parsePattern(`a${tag}\${aws:UserId}*`, { wildcards: true }))).toEqual([
      "aws:principaltag/x",
      "aws:userid",
    ]);
  });

  it("says what a regular expression of the same form says", () => {
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        const same = new RegExp(`^${p.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matches(p, t)).toBe(same.test(t));
      }),
      { seed, numRuns: 500 },
    );
  });

  it("is not made slow by many stars", () => {
    expect(matches(`${"a*".repeat(200)}b`, "a".repeat(5_000))).toBe(false);
  });

  it.each([
    "${",
    "${aws:userid",
    "${}",
    "${no-colon}",
    "${aws:PrincipalTag/x, 'y'}",
    "${aws:PrincipalTag/x${*}}",
    "${aws:username}",
    "${aws:TagKeys}",
    "${aws:PrincipalTag/}",
  ])("%s is refused", (pattern) => {
    for (const wildcards of [true, false]) {
      expect(() => parsePattern(pattern, { wildcards })).toThrow(PatternError);
    }
  });
});

describe("the pattern of an ARN", () => {
  const arn = "arn:aws:ecs:us-east-1:111122223333:task/demo/abc:1";
  it.each<[string, boolean]>([
    [arn, true],
    ["arn:aws:ecs:*:*:task/*", true],
    ["arn:*:ecs:us-????-1:1*:*", true],
    ["arn:aws:ecs:us*:task/demo:abc:1", false],
    ["arn:aws:*:111122223333:task/demo/abc:1:", false],
    ["arn:aws:ecs:us-east-1:111122223333:TASK/*", false],
    ["*", true],
  ])("%s is matched part by part: %s", (pattern, expected) => {
    expect(matchesArn(parseArnPattern(pattern), arn, valueOf(undefined))).toBe(expected);
  });

  it("matches no text that is not an ARN, but for * itself", () => {
    const every = parseArnPattern("arn:*:*:*:*:*");
    expect(matchesArn(every, "*", valueOf(undefined))).toBe(false);
    expect(matchesArn(every, "arn:aws:ecs", valueOf(undefined))).toBe(false);
    expect(matchesArn(parseArnPattern("*"), "*", valueOf(undefined))).toBe(true);
  });

  it("lets a variable's value fill a part and never more than one", () => {
    const inAccount = parseArnPattern(`arn:aws:ecs:us-east-1:${tag}:task/demo/abc:1`);
    expect(matchesArn(inAccount, arn, valueOf("111122223333"))).toBe(true);
    expect(matchesArn(inAccount, arn, valueOf("*"))).toBe(false);
    const across = parseArnPattern(`arn:aws:ecs:${tag}:task/demo/abc:1`);
    expect(matchesArn(across, arn, valueOf("us-east-1:111122223333"))).toBe(false);
  });

  it.each(["", "demo", "arn:aws:ecs", "urn:a:b:c:d:e", "**", `${tag}${tag}`])(
    "%j is refused",
    (text) => {
      expect(() => parseArnPattern(text)).toThrow(PatternError);
    },
  );
});

describe("arnComponents", () => {
  it("leaves the colons of a resource and of a variable alone", () => {
    expect(arnComponents("arn:aws:ecs:r:1:task-definition/web:3")?.[5]).toBe(
      "task-definition/web:3",
    );
    expect(arnComponents("arn:aws:ecs:${aws:RequestedRegion}:1:x")?.[3]).toBe(
      "${aws:RequestedRegion}",
    );
    expect(arnComponents("arn:aws:ecs")).toBeUndefined();
    expect(arnComponents("")).toBeUndefined();
  });
});
