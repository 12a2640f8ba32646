import { randomUUID } from "node:crypto";
import type { AwsError } from "../aws-error.ts";
import type { Json, JsonObject } from "../json.ts";
import { isObject } from "../json.ts";
import type { Principal } from "../principal.ts";
import { present } from "../world.ts";
import { serviceIdentity, userIdentity } from "./identity.ts";

/** What EventBridge delivers of one call. */
export interface TrailEvent {
  version: "0";
  id: string;
  "detail-type": "AWS API Call via CloudTrail";
  source: string;
  account: string;
  time: string;
  region: string;
  resources: [];
  detail: JsonObject;
}

/** One call, after AWS knew who made it. */
export interface MadeCall {
  service: string;
  operation: string;
  principal: Principal;
  /** Where it was made. */
  account: string;
  region: string;
  /** As sent. */
  input: JsonObject;
  outcome: { output: JsonObject } | { error: AwsError };
  requestId: string;
  sourceIp: string;
  userAgent: string;
  /** Epoch milliseconds. */
  at: number;
  /** Of the session that ExecuteCommand began: what ECS asks SSM for. */
  target?: string;
}

const IN_ECS = "HIDDEN_DUE_TO_SECURITY_REASONS";
const IN_SSM = "Value hidden due to security reasons.";
/** The calls that lead into a container, each with whether CloudTrail has it as one that only reads. */
const written: { [call: string]: { readOnly: boolean } } = {
  "ecs ExecuteCommand": { readOnly: false },
  "ssm ResumeSession": { readOnly: false },
  "sts AssumeRole": { readOnly: true },
};

/**
 * What CloudTrail writes of a call that leads into a container, as EventBridge delivers it: none of any other, two of an
 * ExecuteCommand that was answered (ECS itself calls StartSession for it), two of a role that is taken up from another
 * account (each account is told of it). Tokens are hidden, a command is in clear; of what IAM refused no parameter is
 * told, the rest stands in its message. In the form of AWS's papers and of public samples.
 */
export function recordsOf(call: MadeCall): TrailEvent[] {
  const kind = written[`${call.service} ${call.operation}`];
  if (kind === undefined) return [];
  const own = event(call, call.account, {
    userIdentity: userIdentity(call.principal),
    ...toldOf(call),
    readOnly: kind.readOnly,
  });
  return [own, ...sharedWith(call, own), ...startedBy(call)];
}

function toldOf({ input, outcome, operation, principal }: MadeCall): JsonObject {
  const parameters = asCloudTrailNames(input) as JsonObject;
  if (typeof parameters["durationSeconds"] === "string") {
    parameters["durationSeconds"] = Number(parameters["durationSeconds"]);
  }
  if ("output" in outcome) {
    const roleArn = parameters["roleArn"];
    return present({
      requestParameters: parameters,
      responseElements: hidden(asCloudTrailNames(outcome.output) as JsonObject),
      resources:
        operation === "AssumeRole" && typeof roleArn === "string"
          ? [
              {
                accountId: roleArn.split(":")[4] ?? principal.account,
                type: "AWS::IAM::Role",
                ARN: roleArn,
              },
            ]
          : undefined,
    });
  }
  const { code, message } = outcome.error;
  const isDenied = code === "AccessDenied" || code === "AccessDeniedException";
  return {
    requestParameters: isDenied ? null : parameters,
    responseElements: null,
    errorCode: isDenied ? "AccessDenied" : code,
    errorMessage: message,
  };
}

/** To the account of the role, of its caller's account alone: the two have different ids, and one that they share. */
function sharedWith(call: MadeCall, own: TrailEvent): TrailEvent[] {
  const [, account] = /^arn:[^:]+:iam::(\d{12}):role\//.exec(textIn(call.input, "RoleArn")) ?? [];
  if (call.operation !== "AssumeRole" || "error" in call.outcome) return [];
  if (account === undefined || account === call.account) return [];
  const sharedEventID = randomUUID();
  own.detail["sharedEventID"] = sharedEventID;
  const { userId, account: accountId } = call.principal;
  const other = event(call, account, {
    ...own.detail,
    userIdentity: { type: "AWSAccount", principalId: userId, accountId },
    sharedEventID,
  });
  return [other];
}

function startedBy(call: MadeCall): TrailEvent[] {
  if (call.target === undefined || "error" in call.outcome) return [];
  const { session } = call.outcome.output;
  const { sessionId = null, streamUrl = null } = isObject(session) ? (session as JsonObject) : {};
  const start: MadeCall = {
    ...call,
    service: "ssm",
    operation: "StartSession",
    sourceIp: "ecs.amazonaws.com",
    userAgent: "ecs.amazonaws.com",
  };
  return [
    event(start, call.account, {
      userIdentity: serviceIdentity("ecs.amazonaws.com"),
      requestParameters: {
        target: call.target,
        documentName: "AmazonECS-ExecuteInteractiveCommand",
        parameters: { command: [textIn(call.input, "command")] },
      },
      responseElements: { sessionId, tokenValue: IN_SSM, streamUrl },
      readOnly: false,
    }),
  ];
}

function event(call: MadeCall, account: string, detail: JsonObject): TrailEvent {
  // CloudTrail knows no parts of a second.
  const time = `${new Date(call.at).toISOString().slice(0, 19)}Z`;
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${call.service}`,
    account,
    time,
    region: call.region,
    resources: [],
    detail: {
      ...detail,
      eventVersion: "1.11",
      eventTime: time,
      eventSource: `${call.service}.amazonaws.com`,
      eventName: call.operation,
      awsRegion: call.region,
      sourceIPAddress: call.sourceIp,
      userAgent: call.userAgent,
      requestID: call.requestId,
      eventID: randomUUID(),
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: "Management",
    },
  };
}

/** Members as CloudTrail names them: with a small letter first, whatever the service's own form. */
function asCloudTrailNames(value: Json): Json {
  if (Array.isArray(value)) return value.map(asCloudTrailNames);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([name, member]) => [
      `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
      asCloudTrailNames(member),
    ]),
  );
}

/** Without what would open a session or sign a call. */
function hidden(answer: JsonObject): JsonObject {
  const { session, credentials } = answer;
  const shown = { ...answer };
  if (isObject(session)) shown["session"] = { ...(session as JsonObject), tokenValue: IN_ECS };
  if (isObject(credentials)) {
    const { accessKeyId = null } = credentials as JsonObject;
    const expiration = inWords(textIn(credentials as JsonObject, "expiration"));
    shown["credentials"] = { accessKeyId, sessionToken: IN_ECS, expiration };
  }
  return shown;
}

/** `Nov 24, 2026, 8:35:00 AM` */
function inWords(instant: string): string {
  return new Intl.DateTimeFormat("en-US", {
    dateStyle: "medium",
    timeStyle: "medium",
    timeZone: "UTC",
  })
    .format(new Date(instant))
    .replaceAll("\u202f", " ");
}

function textIn(members: JsonObject, name: string): string {
  const value = members[name];
  return typeof value === "string" ? value : "";
}
