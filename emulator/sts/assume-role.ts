import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import { type RequestContext, tagEntries } from "../iam/context.ts";
import { evaluateTrust, type Policy, PolicyError, parsePolicy } from "../iam/policy.ts";
import type { JsonObject } from "../json.ts";
import type { Principal } from "../principal.ts";
import { present, type World } from "../world.ts";
import { type AssumeRoleInput, packedPolicySize, readAssumeRole } from "./limits.ts";
import type { Role } from "./roles.ts";

/** Longest session of a role assumed with a role's own credentials, whatever the role allows. */
const MAX_CHAINED_SECONDS = 3_600;

/**
 * AssumeRole: a session of a role, limited by a session policy, carrying tags and a source identity.
 *
 * The caller's own policies and the role's trust must both allow `sts:AssumeRole`, and with a source
 * identity `sts:SetSourceIdentity`, with tags `sts:TagSession`. Within one account IAM would take a
 * trust policy that names the role itself for enough; between accounts both are needed. Here both
 * always are, so that a role which works only inside its account is found before it is deployed.
 */
export function assumeRole(world: World, caller: Principal, input: JsonObject): JsonObject {
  const request = readAssumeRole(input);
  const role = world.roles.get(request.roleArn);
  // A role that does not exist and one that trusts nobody answer alike.
  if (role === undefined) throw denied(caller, "sts:AssumeRole", request.roleArn);

  const context = assumeRoleContext(world, caller, request);
  // Set once, a source identity follows the session through every further role and cannot change.
  const sourceIdentity = request.sourceIdentity ?? caller.sourceIdentity;
  if (caller.sourceIdentity !== undefined && sourceIdentity !== caller.sourceIdentity) {
    throw denied(caller, "sts:SetSourceIdentity", role.arn);
  }
  const actions = ["sts:AssumeRole"];
  if (sourceIdentity !== undefined) actions.push("sts:SetSourceIdentity");
  if (Object.keys(request.tags).length > 0) actions.push("sts:TagSession");
  for (const action of actions) demandBoth(caller, role, action, context);

  checkDuration(caller, role, request.durationSeconds);
  const sessionPolicy = readSessionPolicy(request.policy);
  const packed = packedPolicySize(request.policy ?? "", request.tags);

  const arn = `arn:aws:sts::${role.account}:assumed-role/${role.name}/${request.roleSessionName}`;
  const userId = `${role.roleId}:${request.roleSessionName}`;
  const expiresAt = world.now() + request.durationSeconds * 1_000;
  const issued = world.credentials.issue({
    arn,
    userId,
    account: role.account,
    roleArn: role.arn,
    policies: role.permissions,
    ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
    tags: request.tags,
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    expiresAt,
  });
  return present({
    Credentials: {
      AccessKeyId: issued.accessKeyId,
      SecretAccessKey: issued.secretAccessKey,
      SessionToken: issued.sessionToken,
      Expiration: `${new Date(expiresAt).toISOString().slice(0, 19)}Z`,
    },
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    PackedPolicySize: packed,
    SourceIdentity: sourceIdentity,
  });
}

function assumeRoleContext(
  world: World,
  caller: Principal,
  request: AssumeRoleInput,
): RequestContext {
  const tagKeys = Object.keys(request.tags);
  return {
    ...principalContext(caller, world.now(), world.region),
    ...tagEntries("aws:RequestTag", request.tags),
    "aws:tagkeys": tagKeys.length > 0 ? tagKeys : undefined,
    "sts:rolesessionname": request.roleSessionName,
    "sts:sourceidentity": request.sourceIdentity,
    "sts:externalid": request.externalId,
  };
}

function demandBoth(caller: Principal, role: Role, action: string, context: RequestContext): void {
  const own = authorize(caller, action, role.arn, context);
  if (own.kind === "denied") throw new AwsError("AccessDenied", own.message, 403);
  const trust = evaluateTrust(role.trust, caller, { action, context });
  if (trust !== "allow") throw denied(caller, action, role.arn);
}

function checkDuration(caller: Principal, role: Role, seconds: number): void {
  if (caller.roleArn !== undefined && seconds > MAX_CHAINED_SECONDS) {
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
  }
  if (seconds > role.maxSessionSeconds) {
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  }
}

function readSessionPolicy(text: string | undefined): Policy | undefined {
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon);
    // `JSON.parse` keeps the last of two members alike, and AWS might keep the first.
    if (written.length !== countMembers(document)) throw new PolicyError("a member is given twice");
    return parsePolicy(document, "session");
  } catch (error) {
    if (!(error instanceof PolicyError || error instanceof SyntaxError)) throw error;
    throw new AwsError("MalformedPolicyDocument", `Syntax errors in policy. ${error.message}`);
  }
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const inside = Object.values(value).reduce(
    (sum: number, member) => sum + countMembers(member),
    0,
  );
  return Array.isArray(value) ? inside : inside + Object.keys(value).length;
}

function denied(caller: Principal, action: string, resource: string): AwsError {
  return new AwsError(
    "AccessDenied",
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`,
    403,
  );
}
