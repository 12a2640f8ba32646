import type { GuardrailConfiguration } from "../../core/guardrails.ts";

/*
 * Who may call what, once the guardrail is enforced: each call is let through or refused. Those that are let through
 * stand for all that is none of its business.
 */

const account = "444455556666";
export const configuration: GuardrailConfiguration = {
  partition: "aws",
  deployRoleArns: [
    "arn:aws:iam::*:role/cdk-hnb659fds-cfn-exec-role-*",
    "arn:aws:iam::111122223333:role/ci/deploy-sallyport",
  ],
  recoveryRoleArns: ["arn:aws:iam::*:role/security/restore-tables"],
  apiId: "a1b2c3d4e5",
  domainName: "exec.example.com",
  restoredEventsTable: "events-of-november",
};

export const roles = {
  admin: "arn:aws:iam::444455556666:role/Admin",
  person:
    "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef",
  impostor: "arn:aws:iam::444455556666:role/sallyport-exec",
  exec: "arn:aws:iam::444455556666:role/sallyport/sallyport-exec",
  end: "arn:aws:iam::444455556666:role/sallyport/sallyport-end",
  lastResort: "arn:aws:iam::444455556666:role/sallyport/sallyport-last-resort",
  requests: "arn:aws:iam::444455556666:role/sallyport/sallyport-lambda-requests",
  forward: "arn:aws:iam::444455556666:role/sallyport/sallyport-forward-us-east-1",
  cloudFormation:
    "arn:aws:iam::444455556666:role/cdk-hnb659fds-cfn-exec-role-444455556666-us-east-1",
  pipeline: "arn:aws:iam::111122223333:role/ci/deploy-sallyport",
  recovery: "arn:aws:iam::444455556666:role/security/restore-tables",
};
type Who = keyof typeof roles;

const arn = (service: string, what: string, of = account): string =>
  `arn:aws:${service}:us-east-1:${of}:${what}`;
export const things = {
  task: arn("ecs", "task/prod/0123456789abcdef0123456789abcdef"),
  instance: arn("ec2", "instance/i-0123456789abcdef0"),
  ownSession: arn("ssm", "session/ecs-execute-command-0123456789abcdef0"),
  otherSession: arn("ssm", "session/olga-0123456789abcdef0"),
  function: arn("lambda", "function:sallyport-ExecFunction0F3B0BBE-x1y2z3"),
  otherFunction: arn("lambda", "function:payments"),
  table: arn("dynamodb", "table/sallyport-EventsTableD24865E5-X1Y2Z3"),
  stream: arn(
    "dynamodb",
    "table/sallyport-EventsTableD24865E5-X1Y2Z3/stream/2026-11-30T00:00:00.000",
  ),
  restoredTable: arn("dynamodb", "table/events-of-november"),
  otherTable: arn("dynamodb", "table/payments"),
  role: "arn:aws:iam::444455556666:role/sallyport/sallyport-lambda-exec",
  otherRole: "arn:aws:iam::444455556666:role/payments",
  deployRole: "arn:aws:iam::444455556666:role/cdk-hnb659fds-cfn-exec-role-444455556666-us-east-1",
  pipelineRole: "arn:aws:iam::111122223333:role/ci/deploy-sallyport",
  recoveryRole: "arn:aws:iam::444455556666:role/security/restore-tables",
  rule: arn("events", "rule/sallyport-target-ForwardingCalls0A1B2C3D-X1"),
  ruleOfBus: arn("events", "rule/sallyport/sallyport-AroundByRoles0A1B2C3D-X1"),
  otherRule: arn("events", "rule/payments"),
  bus: arn("events", "event-bus/sallyport"),
  log: arn("logs", "log-group:sallyport-ExecLogs0A1B2C3D-x1y2"),
  logStream: arn("logs", "log-group:sallyport-ExecLogs0A1B2C3D-x1y2:log-stream:2026/11/30/x"),
  otherLog: arn("logs", "log-group:/aws/lambda/payments"),
  topic: arn("sns", "sallyport-AlarmsTopic3A2DFEBA-x1"),
  otherTopic: arn("sns", "payments"),
  queue: arn("sqs", "sallyport-ProjectionDeadLetters-x1"),
  otherQueue: arn("sqs", "payments"),
  alarm: arn("cloudwatch", "alarm:sallyport-AlarmsBreakGlass0A1B-X1"),
  otherAlarm: arn("cloudwatch", "alarm:payments"),
  key: arn("kms", "key/12345678-1234-1234-1234-123456789012"),
  alias: arn("kms", "alias/sallyport"),
  otherAlias: arn("kms", "alias/payments"),
  api: "arn:aws:apigateway:us-east-1::/apis/a1b2c3d4e5",
  route: "arn:aws:apigateway:us-east-1::/apis/a1b2c3d4e5/routes/x1y2z3",
  otherApi: "arn:aws:apigateway:us-east-1::/apis/f6g7h8i9j0",
  domain: "arn:aws:apigateway:us-east-1::/domainnames/exec.example.com",
  mapping: "arn:aws:apigateway:us-east-1::/domainnames/exec.example.com/apimappings/x1",
  stack: arn("cloudformation", "stack/sallyport/01234567-89ab-cdef-0123-456789abcdef"),
  targetStack: arn("cloudformation", "stack/sallyport-target/01234567-89ab-cdef-0123-456789abcdef"),
  otherStack: arn("cloudformation", "stack/payments/01234567-89ab-cdef-0123-456789abcdef"),
  everything: "*",
};
type What = keyof typeof things;

export interface Case {
  who: Who;
  action: string;
  what: What;
  context?: { [key: string]: string | string[] };
  /** Whether the guardrail lets it through. */
  through: boolean;
}

const ours = { "kms:ResourceAliases": ["alias/sallyport"] };
const mapped = (what: "function" | "otherFunction") => ({ "lambda:FunctionArn": things[what] });
const handedTo = (service: string) => ({ "iam:PassedToService": service });

/** One call by many, or many by one: `no` are refused, `yes` let through. */
function by(
  action: string,
  what: What,
  { no = [], yes = [], context }: { no?: Who[]; yes?: Who[]; context?: Case["context"] },
): Case[] {
  const one = (through: boolean) => (who: Who) => ({
    who,
    action,
    what,
    through,
    ...(context === undefined ? {} : { context }),
  });
  return [...no.map(one(false)), ...yes.map(one(true))];
}

const people: Who[] = ["admin", "person"];
const deployers: Who[] = ["cloudFormation", "pipeline"];

export const cases: Case[] = [
  // Into containers: through the gateway, or by the last resort.
  ...by("ecs:ExecuteCommand", "task", {
    no: [...people, "impostor", "requests", ...deployers, "recovery"],
    yes: ["exec", "lastResort"],
  }),
  ...by("ssm:StartSession", "task", { no: [...people, "impostor"], yes: ["exec", "lastResort"] }),
  ...by("ssm:ResumeSession", "ownSession", { no: people, yes: ["exec", "lastResort"] }),
  // What is none of the gateway's business.
  ...by("ssm:StartSession", "instance", { yes: people }),
  ...by("ssm:ResumeSession", "otherSession", { yes: people }),
  ...by("ssm:TerminateSession", "ownSession", { yes: ["end", "admin"] }),
  ...by("ecs:StopTask", "task", { yes: ["end", "admin"] }),
  ...by("ecs:DescribeTasks", "task", { yes: people }),

  // Functions.
  ...[
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:AddPermission",
    "lambda:InvokeFunction",
    "lambda:DeleteFunction",
    "lambda:CreateFunctionUrlConfig",
    "lambda:PutFunctionConcurrency",
  ].flatMap((action) => [
    ...by(action, "function", { no: [...people, "requests", "recovery"], yes: deployers }),
    ...by(action, "otherFunction", { yes: ["admin"] }),
  ]),
  ...by("lambda:GetFunction", "function", { yes: people }),
  ...by("lambda:ListAliases", "function", { yes: people }),
  ...[
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
  ].flatMap((action) => [
    ...by(action, "everything", { no: people, yes: deployers, context: mapped("function") }),
    ...by(action, "everything", { yes: people, context: mapped("otherFunction") }),
  ]),

  // Roles, their hand-over, and the roles that deploy.
  ...[
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
  ].flatMap((action) => [
    ...by(action, "role", { no: [...people, "requests", "recovery"], yes: deployers }),
    ...by(action, "otherRole", { yes: ["admin"] }),
  ]),
  ...by("iam:UpdateAssumeRolePolicy", "deployRole", { no: people, yes: deployers }),
  ...by("iam:PutRolePolicy", "pipelineRole", { no: people, yes: deployers }),
  ...by("iam:UpdateAssumeRolePolicy", "recoveryRole", { no: people, yes: deployers }),
  ...by("iam:PassRole", "role", { no: people, context: handedTo("lambda.amazonaws.com") }),
  ...by("iam:PassRole", "role", { yes: deployers, context: handedTo("lambda.amazonaws.com") }),
  ...by("iam:PassRole", "role", { yes: deployers, context: handedTo("events.amazonaws.com") }),
  ...by("iam:PassRole", "role", { no: deployers, context: handedTo("ec2.amazonaws.com") }),
  ...by("iam:PassRole", "otherRole", { yes: ["admin"], context: handedTo("ec2.amazonaws.com") }),
  ...by("sts:AssumeRole", "role", { yes: people }),
  ...by("sts:AssumeRole", "otherRole", { yes: people }),
  ...by("sts:AssumeRole", "deployRole", { no: [...people, "requests"], yes: deployers }),
  ...by("sts:AssumeRole", "pipelineRole", { no: people, yes: deployers }),
  ...by("iam:GetRole", "role", { yes: people }),
  ...by("iam:SimulatePrincipalPolicy", "role", { yes: people }),
  ...by("iam:ListRolePolicies", "role", { yes: people }),
  ...by("iam:GenerateServiceLastAccessedDetails", "role", { yes: people }),

  // Tables: items for the gateway's own roles, the rest for who deploys or restores.
  ...[
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
  ].flatMap((action) => [
    ...by(action, "table", { no: [...people, ...deployers], yes: ["requests", "recovery"] }),
    ...by(action, "otherTable", { yes: ["admin"] }),
  ]),
  ...["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect"].flatMap(
    (action) =>
      by(action, "table", { no: [...people, ...deployers], yes: ["requests", "recovery"] }),
  ),
  ...[
    "dynamodb:UpdateTable",
    "dynamodb:DeleteTable",
    "dynamodb:PutResourcePolicy",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:UpdateTimeToLive",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:CreateBackup",
    "dynamodb:CreateTableReplica",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:ImportTable",
  ].flatMap((action) => [
    ...by(action, "table", { no: [...people, "requests"], yes: [...deployers, "recovery"] }),
    ...by(action, "otherTable", { yes: ["admin"] }),
  ]),
  ...["dynamodb:GetRecords", "dynamodb:GetShardIterator"].flatMap((action) =>
    by(action, "stream", { no: [...people, ...deployers], yes: ["requests", "recovery"] }),
  ),
  ...by("dynamodb:Query", "restoredTable", { no: people, yes: ["requests", "recovery"] }),
  ...by("dynamodb:DeleteTable", "restoredTable", { no: people, yes: [...deployers, "recovery"] }),
  ...by("dynamodb:DescribeTable", "table", { yes: people }),
  ...by("dynamodb:GetResourcePolicy", "table", { yes: people }),
  ...by("dynamodb:ListTagsOfResource", "table", { yes: people }),

  // Keys, by their alias.
  ...["kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "kms:CreateGrant"].flatMap(
    (action) => [
      ...by(action, "key", { no: people, yes: [...deployers, "recovery"], context: ours }),
      ...by(action, "key", {
        yes: people,
        context: { "kms:ResourceAliases": ["alias/payments"] },
      }),
    ],
  ),
  ...[
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
    "kms:RevokeGrant",
    "kms:RetireGrant",
    "kms:DeleteImportedKeyMaterial",
    "kms:ReplicateKey",
  ].flatMap((action) => by(action, "key", { no: ["admin"], yes: ["pipeline"], context: ours })),
  ...by("kms:Decrypt", "key", { yes: ["requests"], context: ours }),
  ...by("kms:DeleteAlias", "alias", { no: people, yes: deployers }),
  ...by("kms:DeleteAlias", "otherAlias", { yes: people }),

  // Rules, bus, logs, queue, topic, alarms.
  ...["events:PutRule", "events:DisableRule", "events:DeleteRule", "events:RemoveTargets"].flatMap(
    (action) => [
      ...by(action, "rule", { no: [...people, "forward"], yes: deployers }),
      ...by(action, "ruleOfBus", { no: people, yes: deployers }),
      ...by(action, "otherRule", { yes: ["admin"] }),
    ],
  ),
  ...by("events:DescribeRule", "rule", { yes: people }),
  ...by("events:ListTargetsByRule", "rule", { yes: people }),
  ...by("events:PutEvents", "bus", { no: people, yes: ["forward"] }),
  ...by("events:DeleteEventBus", "bus", { no: people, yes: deployers }),
  ...by("events:DescribeEventBus", "bus", { yes: people }),
  ...by("events:ListTagsForResource", "bus", { yes: people }),
  ...["logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:DeleteMetricFilter"].flatMap(
    (action) => [
      ...by(action, "log", { no: people, yes: [...deployers, "requests"] }),
      ...by(action, "otherLog", { yes: ["admin"] }),
    ],
  ),
  ...by("logs:PutLogEvents", "logStream", { no: people, yes: ["requests"] }),
  ...by("logs:GetLogEvents", "logStream", { yes: people }),
  ...[
    "logs:FilterLogEvents",
    "logs:StartQuery",
    "logs:DescribeLogStreams",
    "logs:ListTagsForResource",
  ].flatMap((action) => by(action, "log", { yes: people })),
  ...by("sqs:PurgeQueue", "queue", { no: people, yes: [...deployers, "recovery"] }),
  ...by("sqs:PurgeQueue", "otherQueue", { yes: people }),
  ...by("sqs:GetQueueAttributes", "queue", { yes: people }),
  ...by("sqs:ListQueueTags", "queue", { yes: people }),
  ...["sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Publish"].flatMap((action) => [
    ...by(action, "topic", { no: people, yes: deployers }),
    ...by(action, "otherTopic", { yes: people }),
  ]),
  ...by("sns:GetTopicAttributes", "topic", { yes: people }),
  ...by("sns:ListSubscriptionsByTopic", "topic", { yes: people }),
  ...[
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "cloudwatch:PutMetricAlarm",
  ].flatMap((action) => [
    ...by(action, "alarm", { no: people, yes: deployers }),
    ...by(action, "otherAlarm", { yes: people }),
  ]),
  ...by("cloudwatch:DescribeAlarms", "alarm", { yes: people }),
  ...by("cloudwatch:ListTagsForResource", "alarm", { yes: people }),

  // The API and the stacks.
  ...(["api", "route", "domain", "mapping"] as const).flatMap((what) =>
    ["apigateway:PATCH", "apigateway:DELETE"].flatMap((action) =>
      by(action, what, { no: people, yes: deployers }),
    ),
  ),
  ...by("apigateway:PATCH", "otherApi", { yes: people }),
  ...by("apigateway:GET", "api", { yes: people }),
  ...(["stack", "targetStack"] as const).flatMap((what) =>
    [
      "cloudformation:UpdateStack",
      "cloudformation:DeleteStack",
      "cloudformation:CreateChangeSet",
    ].flatMap((action) => by(action, what, { no: people, yes: deployers })),
  ),
  ...by("cloudformation:UpdateStack", "otherStack", { yes: people }),
  ...by("cloudformation:DescribeStacks", "stack", { yes: people }),
  ...by("cloudformation:DetectStackDrift", "stack", { yes: people }),
  ...by("cloudformation:GetTemplate", "stack", { yes: people }),
  ...by("cloudformation:ListStackResources", "stack", { yes: people }),
];
