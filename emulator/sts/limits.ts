import { deflateRawSync } from "node:zlib";
import { AwsError } from "../aws-error.ts";
import { isObject, type JsonObject } from "../json.ts";

/** A request of AssumeRole that keeps STS's own limits; whether it is allowed is another question. */
export interface AssumeRoleInput {
  roleArn: string;
  roleSessionName: string;
  durationSeconds: number;
  policy?: string;
  sourceIdentity?: string;
  externalId?: string;
  tags: { [key: string]: string };
}

const MEMBERS = new Set([
  "RoleArn",
  "RoleSessionName",
  "DurationSeconds",
  "Policy",
  "SourceIdentity",
  "ExternalId",
  "Tags",
]);

const MIN_SESSION_SECONDS = 900;
const MAX_SESSION_SECONDS = 43_200;

/** The most a policy and tags may take packed. AWS publishes no number: see packedPolicySize. */
const PACKED_BYTES = 2_048;

/**
 * Reads AssumeRole's parameters and holds them to the limits STS's model gives. Throws
 * ValidationError in STS's words; also for a parameter that is not emulated, since one ignored
 * (PolicyArns, TransitiveTagKeys, an MFA token) would grant more than was asked.
 */
export function readAssumeRole(input: JsonObject): AssumeRoleInput {
  for (const member of Object.keys(input)) {
    if (!MEMBERS.has(member)) invalid(`${member} is not emulated`);
  }
  const roleArn = required(input, "RoleArn");
  within(roleArn, "roleArn", 20, 2_048, /^[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF]+$/);
  const roleSessionName = required(input, "RoleSessionName");
  within(roleSessionName, "roleSessionName", 2, 64, /^[\w+=,.@-]*$/);

  const sourceIdentity = optional(input, "SourceIdentity");
  if (sourceIdentity !== undefined) {
    within(sourceIdentity, "sourceIdentity", 2, 64, /^[\w+=,.@-]*$/);
    // The service says so beside the model: the prefix is AWS's own. The pattern has no colon anyway.
    if (sourceIdentity.startsWith("aws:")) invalid("SourceIdentity must not begin with aws:");
  }
  const externalId = optional(input, "ExternalId");
  if (externalId !== undefined) within(externalId, "externalId", 2, 1_224, /^[\w+=,.@:/-]*$/);
  const policy = optional(input, "Policy");
  if (policy !== undefined) {
    within(policy, "policy", 1, 2_048, /^[\u0009\u000A\u000D\u0020-\u00FF]+$/);
  }
  const duration = optional(input, "DurationSeconds") ?? "3600";
  const durationSeconds = /^\d{1,6}$/.test(duration) ? Number(duration) : Number.NaN;
  if (!(durationSeconds >= MIN_SESSION_SECONDS)) {
    constraint(
      duration,
      "durationSeconds",
      `have value greater than or equal to ${MIN_SESSION_SECONDS}`,
    );
  }
  if (durationSeconds > MAX_SESSION_SECONDS) {
    constraint(
      duration,
      "durationSeconds",
      `have value less than or equal to ${MAX_SESSION_SECONDS}`,
    );
  }
  return {
    roleArn,
    roleSessionName,
    durationSeconds,
    ...(policy === undefined ? {} : { policy }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(externalId === undefined ? {} : { externalId }),
    tags: readTags(input["Tags"]),
  };
}

/**
 * How full the session's policy and tags are, in per cent. How AWS packs them is not published; here
 * they are deflated and counted against 2,048 bytes, which warns in time and proves nothing. Throws
 * PackedPolicyTooLarge over 100.
 */
export function packedPolicySize(policy: string, tags: { readonly [key: string]: string }): number {
  const plain = policy + Object.entries(tags).flat().join("\u0000");
  if (plain === "") return 0;
  const percent = Math.ceil((deflateRawSync(plain).length / PACKED_BYTES) * 100);
  if (percent > 100) {
    throw new AwsError(
      "PackedPolicyTooLarge",
      `Packed size of session policies and tags consumes ${percent}% of allotted space.`,
    );
  }
  return percent;
}

function readTags(written: unknown): { [key: string]: string } {
  if (written === undefined) return {};
  if (!Array.isArray(written)) return invalid("Tags is not a list");
  if (written.length > 50)
    constraint(`${written.length} tags`, "tags", "have length less than or equal to 50");
  const tags = new Map<string, string>();
  for (const tag of written) {
    const members = isObject(tag) ? tag : {};
    const { Key: key, Value: value } = members;
    if (typeof key !== "string" || typeof value !== "string" || Object.keys(members).length !== 2) {
      return invalid("a tag has a Key and a Value");
    }
    within(key, "tags.member.key", 1, 128, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u);
    within(value, "tags.member.value", 0, 256, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
    if (key.toLowerCase().startsWith("aws:")) invalid("a tag's key must not begin with aws:");
    // STS compares keys without case: `Team` and `team` are one key, given twice.
    if ([...tags.keys()].some((other) => other.toLowerCase() === key.toLowerCase())) {
      invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
    tags.set(key, value);
  }
  return Object.fromEntries(tags);
}

function required(input: JsonObject, member: string): string {
  const value = optional(input, member);
  if (value === undefined) return constraint("null", lowerFirst(member), "not be null");
  return value;
}

function optional(input: JsonObject, member: string): string | undefined {
  const value = input[member];
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : invalid(`${member} is not a string`);
}

function within(value: string, name: string, min: number, max: number, pattern: RegExp): void {
  const length = Array.from(value).length;
  if (length < min) constraint(value, name, `have length greater than or equal to ${min}`);
  if (length > max) constraint(value, name, `have length less than or equal to ${max}`);
  if (!pattern.test(value)) {
    constraint(value, name, `satisfy regular expression pattern: ${pattern.source.slice(1, -1)}`);
  }
}

function constraint(value: string, name: string, what: string): never {
  return invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must ${what}`,
  );
}

function invalid(message: string): never {
  throw new AwsError("ValidationError", message);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
