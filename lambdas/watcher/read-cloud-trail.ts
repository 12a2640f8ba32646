import * as z from "zod";
import type { Asked, Origin, SeenCall, SeenCaller } from "../../core/watch/seen-call.ts";

/** What EventBridge delivers of CloudTrail, as far as it is read. Members that we do not know are no error. */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

const identity = z.object({
  type: text,
  arn: text,
  accountId: text,
  principalId: text,
  accessKeyId: text,
  invokedBy: text,
  sessionContext: z
    .object({
      sessionIssuer: z.object({ arn: text }).nullish(),
      sourceIdentity: text,
    })
    .nullish(),
});

const detail = z.object({
  eventID: z.string().min(1).max(100),
  eventSource: z.string(),
  eventName: z.string(),
  eventTime: z.iso.datetime(),
  awsRegion: z.string(),
  sourceIPAddress: text,
  recipientAccountId: z.string().optional(),
  userIdentity: identity,
  errorCode: text,
  errorMessage: text,
  requestParameters: z.record(z.string(), z.unknown()).nullish(),
  responseElements: z.record(z.string(), z.unknown()).nullish(),
});

const delivered = z.object({
  "detail-type": z.literal("AWS API Call via CloudTrail"),
  account: z.string(),
  detail,
});

export type CloudTrailDetail = z.infer<typeof detail>;

/** One delivery: what CloudTrail says, and in which account. */
export interface Delivered {
  account: string;
  detail: CloudTrailDetail;
}

/** Whether EventBridge delivered it of CloudTrail. */
export function isOfCloudTrail(event: object): boolean {
  return "detail-type" in event && event["detail-type"] === "AWS API Call via CloudTrail";
}

/** Reads a delivery. Throws for what cannot be read: it is tried again, and then kept for somebody to look at. */
export function readDelivered(event: object): Delivered {
  const { account, detail: of } = delivered.parse(event);
  return { account: of.recipientAccountId ?? account, detail: of };
}

/** Who called. Of a session the role it is of, which the name of the session does not change. */
export function callerOf({ userIdentity: who }: CloudTrailDetail): SeenCaller {
  const session = who.sessionContext;
  const issuer = session?.sessionIssuer?.arn ?? null;
  const isSession = who.type === "AssumedRole";
  return {
    arn: issuer ?? who.arn,
    account: who.accountId,
    sessionName: isSession ? (who.principalId?.split(":")[1] ?? null) : null,
    sourceIdentity: session?.sourceIdentity ?? null,
    service: who.invokedBy,
  };
}

/** The call as it is compared; undefined for one of another name. */
export function seenCall({ account, detail: of }: Delivered): SeenCall | undefined {
  const asked = askedOf(of);
  if (asked === undefined) return undefined;
  return {
    id: of.eventID,
    at: Date.parse(of.eventTime),
    place: { account, region: of.awsRegion },
    caller: callerOf(of),
    error: of.errorCode,
    asked,
    origin: originOf(of, asked),
  };
}

/** What STS gives where no duration is asked for. */
const STS_SECONDS = 3_600;

/** Whoever assumes a role is not of its session yet: that is the one they are answered with. */
function originOf(of: CloudTrailDetail, asked: Asked): Origin {
  const { accountId, principalId, accessKeyId } = of.userIdentity;
  const from = of.sourceIPAddress;
  if (asked.name !== "AssumeRole") {
    return { session: credentialsId(accessKeyId), by: null, from, until: null };
  }
  const given = memberOf(of.responseElements?.["credentials"], "accessKeyId");
  const seconds = of.requestParameters?.["durationSeconds"];
  return {
    session: credentialsId(given),
    by: accountId === null || principalId === null ? null : `${accountId}:${principalId}`,
    from,
    until: Date.parse(of.eventTime) + (typeof seconds === "number" ? seconds : STS_SECONDS) * 1_000,
  };
}

/** IAM's id of credentials. What CloudTrail writes where it has none or shows none would make one of many sessions. */
function credentialsId(value: unknown): string | null {
  return typeof value === "string" && /^[A-Z0-9]{1,128}$/.test(value) ? value : null;
}

function askedOf(of: CloudTrailDetail): Asked | undefined {
  const parameter = (name: string): string | null => string(of.requestParameters?.[name]);
  const response = of.responseElements ?? {};
  // Where AWS refused it, what was asked often stands in its message alone.
  const told = (pattern: RegExp): string | null => pattern.exec(of.errorMessage ?? "")?.[0] ?? null;
  switch (`${of.eventSource} ${of.eventName}`) {
    case "sts.amazonaws.com AssumeRole":
      return {
        name: "AssumeRole",
        roleArn:
          parameter("roleArn") ?? told(/arn:[a-z-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+/) ?? null,
        sessionName: parameter("roleSessionName"),
        sourceIdentity: parameter("sourceIdentity"),
        tags: tagsOf(of.requestParameters ?? {}),
      };
    case "ecs.amazonaws.com ExecuteCommand":
      return {
        name: "ExecuteCommand",
        // ECS takes the cluster `default` where none is named. Of what it refused, nobody knows.
        cluster: parameter("cluster") ?? (of.requestParameters ? "default" : null),
        task: parameter("task"),
        container: parameter("container"),
        command: parameter("command"),
        sessionId: string(memberOf(response["session"], "sessionId")),
      };
    case "ssm.amazonaws.com StartSession":
      return {
        name: "StartSession",
        target: parameter("target") ?? told(/:ecs:/)?.slice(1) ?? null,
        sessionId: string(response["sessionId"]),
      };
    case "ssm.amazonaws.com ResumeSession":
      return {
        name: "ResumeSession",
        sessionId: parameter("sessionId") ?? told(/ecs-execute-command-[\w-]+/),
      };
    default:
      return undefined;
  }
}

/** Session tags, as a list of keys and values or as an object: CloudTrail has shown both. */
function tagsOf(parameters: { [name: string]: unknown }): { [key: string]: string } {
  const { tags, principalTags } = parameters;
  const pairs = Array.isArray(tags)
    ? tags.map((tag): [string | null, string | null] => [
        string(memberOf(tag, "key")),
        string(memberOf(tag, "value")),
      ])
    : typeof principalTags === "object" && principalTags !== null
      ? Object.entries(principalTags).map(([key, value]): [string, string | null] => [
          key,
          string(value),
        ])
      : [];
  return Object.fromEntries(
    pairs.flatMap(([key, value]) => (key === null ? [] : [[key, value ?? ""]])),
  );
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as { [name: string]: unknown })[name]
    : undefined;
}

function string(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
