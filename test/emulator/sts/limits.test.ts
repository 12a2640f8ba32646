import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { AwsError } from "../../../emulator/aws-error.ts";
import type { JsonObject } from "../../../emulator/json.ts";
import { packedPolicySize, readAssumeRole } from "../../../emulator/sts/limits.ts";

const roleArn = "arn:aws:iam::111122223333:role/exec";
const input = (more: JsonObject = {}): JsonObject => ({
  RoleArn: roleArn,
  RoleSessionName: "req-1",
  ...more,
});
const tag = (key: string, value = "v"): JsonObject => ({ Key: key, Value: value });
const tags = (count: number): JsonObject[] =>
  Array.from({ length: count }, (_, i) => tag(`key${i}`));

/** The code and text of the error a call ends in. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof AwsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "none";
}

describe("readAssumeRole", () => {
  it("reads what it is given, an hour where no duration is", () => {
    expect(readAssumeRole(input())).toEqual({
      roleArn,
      roleSessionName: "req-1",
      durationSeconds: 3_600,
      tags: {},
    });
    expect(
      readAssumeRole(
        input({
          DurationSeconds: "900",
          Policy: "{}",
          SourceIdentity: "alice",
          ExternalId: "a/b:c",
          Tags: [tag("Team", "Zahlungen ü"), tag("empty", "")],
        }),
      ),
    ).toEqual({
      roleArn,
      roleSessionName: "req-1",
      durationSeconds: 900,
      policy: "{}",
      sourceIdentity: "alice",
      externalId: "a/b:c",
      tags: { Team: "Zahlungen ü", empty: "" },
    });
  });

  it.each<[string, JsonObject]>([
    ["a session name of 2 characters", { RoleSessionName: "ab" }],
    ["a session name of 64 characters", { RoleSessionName: "n".repeat(64) }],
    ["every character of a session name", { RoleSessionName: "aZ09_+=,.@-" }],
    ["a source identity of 64 characters", { SourceIdentity: "n".repeat(64) }],
    ["an external id of 1,224 characters", { ExternalId: "n".repeat(1_224) }],
    ["a policy of 2,048 characters", { Policy: "ü".repeat(2_048) }],
    ["12 hours", { DurationSeconds: "43200" }],
    ["50 tags", { Tags: tags(50) }],
    ["no tag in a list", { Tags: [] }],
    ["a key of 128 and a value of 256", { Tags: [tag("k".repeat(128), "v".repeat(256))] }],
    ["a key of 128 beyond the BMP", { Tags: [tag("𝒜".repeat(128))] }],
    ["every mark of a tag", { Tags: [tag("a _.:/=+-@b", "a _.:/=+-@b")] }],
  ])("takes %s", (_, more) => {
    expect(refusal(() => readAssumeRole(input(more)))).toBe("none");
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      "a role's ARN of 19 characters",
      { RoleArn: roleArn.slice(0, 19) },
      /'roleArn'.*than or equal to 20/,
    ],
    [
      "a role's ARN of 2,049",
      { RoleArn: "a".repeat(2_049) },
      /'roleArn'.*less than or equal to 2048/,
    ],
    ["a session name of 1", { RoleSessionName: "a" }, /'roleSessionName'.*than or equal to 2$/],
    ["a session name of 65", { RoleSessionName: "n".repeat(65) }, /less than or equal to 64/],
    [
      "a session name with a space",
      { RoleSessionName: "a b" },
      /regular expression pattern: \[\\w\+=,/,
    ],
    ["a session name with a slash", { RoleSessionName: "a/b" }, /regular expression/],
    ["a session name with a colon", { RoleSessionName: "a:b" }, /regular expression/],
    ["a session name with a newline", { RoleSessionName: "ab\n" }, /regular expression/],
    ["a session name with an umlaut", { RoleSessionName: "josé" }, /regular expression/],
    ["a source identity of 1", { SourceIdentity: "a" }, /'sourceIdentity'.*than or equal to 2$/],
    ["a source identity of 65", { SourceIdentity: "n".repeat(65) }, /less than or equal to 64/],
    ["a source identity with a quote", { SourceIdentity: "O'Brien" }, /'sourceIdentity'.*regular/],
    [
      "a source identity of AWS's own",
      { SourceIdentity: "aws:alice" },
      /'sourceIdentity'.*regular/,
    ],
    ["an empty source identity", { SourceIdentity: "" }, /'sourceIdentity'/],
    ["an external id of 1", { ExternalId: "a" }, /'externalId'.*than or equal to 2$/],
    ["an external id of 1,225", { ExternalId: "n".repeat(1_225) }, /less than or equal to 1224/],
    ["an empty policy", { Policy: "" }, /'policy'.*than or equal to 1$/],
    ["a policy of 2,049 characters", { Policy: " ".repeat(2_049) }, /'policy'.*equal to 2048/],
    ["a policy beyond Latin-1", { Policy: "{\u0100}" }, /'policy'.*regular expression/],
    ["a policy with a control character", { Policy: "{\u0000}" }, /'policy'.*regular expression/],
    ["899 seconds", { DurationSeconds: "899" }, /'durationSeconds'.*than or equal to 900/],
    ["12 hours and a second", { DurationSeconds: "43201" }, /less than or equal to 43200/],
    ["a negative duration", { DurationSeconds: "-3600" }, /'durationSeconds'/],
    ["a broken duration", { DurationSeconds: "3600.5" }, /'durationSeconds'/],
    ["a duration in words", { DurationSeconds: "1e4" }, /'durationSeconds'/],
    ["a duration that is a number", { DurationSeconds: 3_600 }, /is not a string/],
    ["an empty duration", { DurationSeconds: "" }, /'durationSeconds'/],
    ["51 tags", { Tags: tags(51) }, /'tags'.*less than or equal to 50/],
    ["an empty key", { Tags: [tag("")] }, /'tags.member.key'.*than or equal to 1$/],
    ["a key of 129", { Tags: [tag("k".repeat(129))] }, /'tags.member.key'.*equal to 128/],
    ["a value of 257", { Tags: [tag("k", "v".repeat(257))] }, /'tags.member.value'.*equal to 256/],
    ["a key with a star", { Tags: [tag("a*")] }, /'tags.member.key'.*regular/],
    ["a value with a dollar", { Tags: [tag("a", "${x}")] }, /'tags.member.value'.*regular/],
    ["a key of AWS's own", { Tags: [tag("AWS:x")] }, /must not begin with aws:/],
    ["a key twice", { Tags: [tag("a", "1"), tag("a", "2")] }, /Duplicate tag keys/],
    ["a key twice in two cases", { Tags: [tag("Team"), tag("team")] }, /case insensitive/],
    ["a tag without a value", { Tags: [{ Key: "a" }] }, /a Key and a Value/],
    ["a tag with a third member", { Tags: [{ ...tag("a"), Transitive: "true" }] }, /a Key and a/],
    ["a tag that is a text", { Tags: ["a"] }, /a Key and a Value/],
    ["tags that are no list", { Tags: "" }, /Tags is not a list/],
    ["a policy that is a list", { Policy: [{ x: "y" }] }, /Policy is not a string/],
    ["policies by their ARNs", { PolicyArns: [{ arn: "x" }] }, /PolicyArns is not emulated/],
    ["transitive tags", { TransitiveTagKeys: ["a"] }, /TransitiveTagKeys is not emulated/],
    ["an MFA token", { TokenCode: "123456" }, /TokenCode is not emulated/],
    ["a member in another case", { tags: [] }, /tags is not emulated/],
  ])("refuses %s", (_, more, message) => {
    const refused = refusal(() => readAssumeRole(input(more)));
    expect(refused).toMatch(/^ValidationError: /);
    expect(refused).toMatch(message);
  });

  it.each(["RoleArn", "RoleSessionName"])("refuses a request without %s", (member) => {
    const { [member]: _, ...rest } = input();
    expect(refusal(() => readAssumeRole(rest))).toMatch(
      /^ValidationError: 1 validation error detected: Value 'null' at 'role\w+' .* Member must not be null$/,
    );
  });
});

describe("packedPolicySize", () => {
  /** Text that does not deflate to less than three quarters of its length. */
  const noise = (length: number, salt = ""): string => {
    let text = "";
    for (let i = 0; text.length < length; i++) {
      text += createHash("sha256").update(`${salt}${i}`).digest("base64url");
    }
    return text.slice(0, length);
  };
  const noisyTags = (count: number): { [key: string]: string } =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`key${i}`, noise(256, `tag ${i}: `)]),
    );

  it("is nothing for nothing, and grows with the policy and with the tags", () => {
    expect(packedPolicySize("", {})).toBe(0);
    const policy = packedPolicySize(noise(500), {});
    expect(policy).toBeGreaterThan(0);
    expect(packedPolicySize(noise(1_000), {})).toBeGreaterThan(policy);
    expect(packedPolicySize(noise(500), { team: "payments" })).toBeGreaterThan(policy);
    expect(packedPolicySize("", { team: "payments" })).toBeGreaterThan(0);
  });

  it("refuses what each limit alone would let through", () => {
    expect(packedPolicySize(noise(2_048), {})).toBeLessThanOrEqual(100);
    expect(refusal(() => packedPolicySize(noise(2_048), noisyTags(10)))).toMatch(
      /^PackedPolicyTooLarge: .* consumes [12]\d\d% of allotted space\.$/,
    );
    expect(refusal(() => packedPolicySize("", noisyTags(50)))).toMatch(/^PackedPolicyTooLarge: /);
  });
});
