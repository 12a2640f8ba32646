import type { FunctionName, Question } from "./forbidden-question.ts";
import { ADMINISTRATOR, tags, target } from "./forbidden-roles.ts";
import { type IamRequest, inStore, tableArn } from "./requests.ts";

const account = "111122223333";
const region = "us-east-1";

/** What a function's own role, or a role it assumed, has no business with. */
export const atLarge: [action: string, resource: string, context?: IamRequest["context"]][] = [
  [
    "ecs:ExecuteCommand",
    `arn:aws:ecs:${region}:${account}:task/demo/${tags.task}`,
    { "ecs:container-name": "app", "ecs:cluster": `arn:aws:ecs:${region}:${account}:cluster/demo` },
  ],
  ["ecs:RunTask", `arn:aws:ecs:${region}:${account}:task-definition/web:3`],
  ["ecs:UpdateService", `arn:aws:ecs:${region}:${account}:service/demo/reports`],
  ["ecs:RegisterTaskDefinition", "*"],
  ["ssm:StartSession", `arn:aws:ecs:${region}:${account}:task/demo/${tags.task}`],
  ["ssm:ResumeSession", `arn:aws:ssm:${region}:${account}:session/ecs-execute-command-1`],
  ["ssm:SendCommand", `arn:aws:ec2:${region}:${account}:instance/i-0123456789abcdef0`],
  ["ssm:GetParameter", `arn:aws:ssm:${region}:${account}:parameter/password`],
  ["secretsmanager:GetSecretValue", `arn:aws:secretsmanager:${region}:${account}:secret:db-AbCdEf`],
  ["kms:Sign", `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`],
  [
    "kms:Decrypt",
    `arn:aws:kms:${region}:${account}:key/99999999-2222-3333-4444-555555555555`,
    { "kms:ViaService": `dynamodb.${region}.amazonaws.com` },
  ],
  ["lambda:InvokeFunction", `arn:aws:lambda:${region}:${account}:function:Decide`],
  ["lambda:UpdateFunctionCode", `arn:aws:lambda:${region}:${account}:function:Exec`],
  ["iam:PassRole", ADMINISTRATOR],
  ["iam:PutRolePolicy", target("exec")],
  ["iam:UpdateAssumeRolePolicy", target("exec")],
  ["logs:DeleteLogGroup", `arn:aws:logs:${region}:${account}:log-group:FrontDoorAccessLogs:*`],
  ["logs:FilterLogEvents", `arn:aws:logs:${region}:${account}:log-group:ExecLogs`],
  ["cloudtrail:StopLogging", `arn:aws:cloudtrail:${region}:${account}:trail/main`],
];

const KEY = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;

/** What AWS itself does by a function's role, done by its code, or to another's. */
export function asAws(name: FunctionName): Question[] {
  const other = name === "exec" ? "Decide" : "Exec";
  const group = `arn:aws:logs:${region}:${account}:log-group:${other}Logs:log-stream:1`;
  return [
    ...[
      "AssignPrivateIpAddresses",
      "CreateNetworkInterface",
      "DeleteNetworkInterface",
      "DescribeNetworkInterfaces",
      "DescribeSubnets",
      "UnassignPrivateIpAddresses",
    ].map((action) => ({
      what: `ec2:${action} by its own code`,
      request: {
        action: `ec2:${action}`,
        resource: action.startsWith("Describe")
          ? "*"
          : `arn:aws:ec2:${region}:${account}:network-interface/eni-0123456789abcdef0`,
        context: { "lambda:SourceFunctionArn": `arn:aws:lambda:${region}:${account}:function:any` },
      },
    })),
    ...["CreateLogStream", "PutLogEvents"].map((action) => ({
      what: `logs:${action} in another's log`,
      request: { action: `logs:${action}`, resource: group, context: {} },
    })),
    ...["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"].flatMap((action) =>
      // By that role AWS decrypts the stream, and for those with a queue encrypts what goes there.
      name === "projector" || name === "sweeper" || (name === "watcher" && action !== "DescribeKey")
        ? []
        : [
            {
              what: `kms:${action} by itself`,
              request: { action: `kms:${action}`, resource: KEY, context: {} },
            },
          ],
    ),
    ...["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"].map((action) => ({
      what: `kms:${action} with another key`,
      request: {
        action: `kms:${action}`,
        resource: `arn:aws:kms:${region}:${account}:key/99999999-2222-3333-4444-555555555555`,
        context: { "kms:ViaService": `dynamodb.${region}.amazonaws.com` },
      },
    })),
    ...["DescribeStream", "GetRecords", "GetShardIterator"].map((action) => ({
      what: `dynamodb:${action} of another's stream`,
      request: {
        action: `dynamodb:${action}`,
        resource: `${tableArn("payroll")}/stream/2026-11-30T00:00:00.000`,
        context: {},
      },
    })),
    // Of another store; where it is the right one, whose it is says nothing.
    ...["GetUserId", "ListGroupMembershipsForMember", "DescribeGroup"].flatMap((action) =>
      inStore(action, "d-9876543210").map((request) => ({
        what: `identitystore:${action} of another store`,
        request,
      })),
    ),
    ...["SendMessage", "GetQueueAttributes", "GetQueueUrl"].map((action) => ({
      what: `sqs:${action} of another's queue`,
      request: {
        action: `sqs:${action}`,
        resource: `arn:aws:sqs:${region}:${account}:payroll`,
        context: {},
      },
    })),
  ];
}
