import type { Statement } from "./template-policies.ts";

/*
 * What a role of ours is granted so that AWS may do it, and not our code: no call of it comes to the SDK. Each with
 * who does it, and why it has to be this role's right.
 */

interface ServiceMade {
  actions: string[];
  /** Of the resources. */
  on: RegExp;
  /** Names of roles. */
  roles: RegExp;
  by: string;
}

const functions = /^sallyport-lambda-/;
const ofStream = /^sallyport-lambda-(?:projector|sweeper)$/;

/** Those whose stream, or calls, leave what they gave up in a queue. */
const withQueue = /^sallyport-lambda-(?:projector|sweeper|watcher)$/;

export const serviceMade: ServiceMade[] = [
  {
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    on: /:log-group:\w+Logs:\*$/,
    roles: functions,
    by: "Lambda's runtime writes what a function prints, by the function's role.",
  },
  {
    actions: [
      "dynamodb:DescribeStream",
      "dynamodb:GetRecords",
      "dynamodb:GetShardIterator",
      "dynamodb:ListStreams",
    ],
    on: /:table\/events\/stream\//,
    roles: ofStream,
    by: "Lambda's event source reads the record's stream, by the role of the function it wakes.",
  },
  {
    actions: ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
    on: /:(?:Projection|Sweeping|Watching)DeadLetters$/,
    roles: withQueue,
    by: "Lambda gives up a batch or a call to the queue; the CDK's grant to a sender is these three.",
  },
  {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
    on: /^\*$/,
    roles: functions,
    by: "Lambda's runtime tells X-Ray, where tracing is on. X-Ray knows no resources.",
  },
  {
    actions: [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ],
    on: /^\*$/,
    roles: functions,
    by: "Lambda puts the function into the VPC. The function's own code is denied all of it.",
  },
  {
    actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*"],
    on: /:key\//,
    roles: functions,
    by: "DynamoDB opens a table that is encrypted with the account's own key, by whoever reads it.",
  },
  {
    actions: ["kms:ReEncrypt*"],
    on: /:key\//,
    roles: withQueue,
    by: "The CDK's grant to whoever sends to a queue that is encrypted with the account's own key.",
  },
  {
    actions: ["events:PutEvents"],
    on: /:event-bus\/sallyport$/,
    roles: /^sallyport-forward-/,
    by: "EventBridge hands on what CloudTrail saw.",
  },
];

/** Why this action of a statement is no call of ours; undefined where it is one. */
export function serviceMadeBy(
  role: string,
  { Resource: resources = [] }: Statement,
  action: string,
): ServiceMade | undefined {
  return serviceMade.find(
    (one) =>
      one.roles.test(role) &&
      one.actions.includes(action) &&
      resources.every((resource) => one.on.test(resource)),
  );
}
