import { ROLE_PATH } from "./roles.ts";

/*
 * What an organization forbids in its accounts, whatever their own policies allow: service control policies.
 *
 *   sallyport-exec      nobody goes into a container but through the gateway, or by the last resort; and nobody takes
 *                       on a role that deploys it but one that does
 *   sallyport-gateway   nobody but the deploy roles changes the gateway: functions, roles, rules, API, keys, alarms
 *   sallyport-record    nobody but the gateway's own roles reads or writes its tables, its bus and its logs
 *
 * They bind every principal of the accounts they are attached to, our own roles too, so that each statement names
 * whom it leaves alone. They do not bind the organization's management account, services' own principals and
 * service-linked roles. Names stand for what is ours: CloudFormation makes them of the stack's name, and roles and
 * the bus have fixed ones. A key is known by its alias, an API by its id.
 */

/** A statement of a service control policy: it only ever denies here, and names no principal. */
export interface GuardrailStatement {
  Sid: string;
  Effect: "Deny";
  Action?: string[];
  NotAction?: string[];
  Resource: string[];
  Condition?: { [operator: string]: { [key: string]: string[] } };
}

export interface Guardrail {
  name: string;
  description: string;
  content: { Version: "2012-10-17"; Statement: GuardrailStatement[] };
}

export interface GuardrailConfiguration {
  partition: string;
  /** ARNs of the roles that deploy, CloudFormation's own among them; `*` may stand for an account or end a name. */
  deployRoleArns: string[];
  /** ARNs of the roles that may restore a table and read what is in one, written as above. */
  recoveryRoleArns: string[];
  /**
   * Of the gateway's HTTP API, whose ARN names neither account nor stack.
   *
   * @default the API is not guarded
   */
  apiId?: string | undefined;
  /** The API's own name, where it has one. */
  domainName?: string | undefined;
  /** The name of the table that holds the record since it was restored, where it was. */
  restoredEventsTable?: string | undefined;
  /**
   * What the names of the gateway's stacks begin with.
   *
   * @default sallyport
   */
  stackName?: string | undefined;
}

/** Organizations refuses a longer policy, counted as the JSON text it is sent as. */
export const GUARDRAIL_LIMIT = 5_120;

/** To whom the gateway's roles are handed: to services that run its functions and forward its events. */
export const PASSED_TO = ["lambda.amazonaws.com", "events.amazonaws.com"];

/** In the order in which they are attached; Organizations takes five for a target, AWS's own among them. */
export function guardrails(configuration: GuardrailConfiguration): Guardrail[] {
  return [
    guardrail(
      "sallyport-exec",
      "Into containers goes nobody but Sallyport, or its last resort",
      intoContainers(configuration),
    ),
    guardrail(
      "sallyport-gateway",
      "Sallyport is changed by nobody but the roles that deploy it",
      theGateway(configuration),
    ),
    guardrail(
      "sallyport-record",
      "Sallyport's tables, bus and logs are for its own roles",
      theRecord(configuration),
    ),
  ];
}

/**
 * ExecuteCommand, the session of Session Manager that goes round it without a log, and the resumption of another's
 * session. A session on an instance stays allowed: on a host of containers it is root in each of them, which no
 * condition of IAM's can tell from any other instance.
 */
function intoContainers({
  partition,
  deployRoleArns,
}: GuardrailConfiguration): GuardrailStatement[] {
  const others = but([ours(partition, "sallyport-exec"), ours(partition, "sallyport-last-resort")]);
  return [
    {
      Sid: "Exec",
      Effect: "Deny",
      Action: ["ecs:ExecuteCommand"],
      Resource: ["*"],
      Condition: others,
    },
    {
      Sid: "SessionOnATask",
      Effect: "Deny",
      Action: ["ssm:StartSession"],
      Resource: [`arn:${partition}:ecs:*:*:task/*`],
      Condition: others,
    },
    {
      Sid: "ResumeOfExec",
      Effect: "Deny",
      Action: ["ssm:ResumeSession"],
      Resource: [`arn:${partition}:ssm:*:*:session/ecs-execute-command-*`],
      Condition: others,
    },
    {
      // A role that the CDK makes lets its whole account assume it. Here, for the next policy has no room.
      Sid: "WhoDeploys",
      Effect: "Deny",
      Action: ["sts:AssumeRole"],
      Resource: deployRoleArns,
      Condition: but(deployRoleArns),
    },
  ];
}

/**
 * Everything but looking, so that what AWS will add is denied too. The roles that deploy are guarded with the rest:
 * who may change one of them, or use the stack that CloudFormation keeps one for, has its rights.
 */
function theGateway(configuration: GuardrailConfiguration): GuardrailStatement[] {
  const { partition, deployRoleArns, recoveryRoleArns, apiId, domainName } = configuration;
  const { stackName = "sallyport" } = configuration;
  const api = (path: string): string => `arn:${partition}:apigateway:*::/${path}`;
  const named = (service: string, kind: string): string =>
    `arn:${partition}:${service}:*:*:${kind}${stackName}-*`;
  const others = but(deployRoleArns);
  return [
    {
      Sid: "Changes",
      Effect: "Deny",
      NotAction: [
        "apigateway:GET",
        "cloudformation:Describe*",
        "cloudformation:Detect*",
        "cloudformation:Get*",
        "cloudformation:List*",
        "cloudwatch:Describe*",
        "cloudwatch:List*",
        "events:Describe*",
        "events:List*",
        "iam:Generate*",
        "iam:Get*",
        "iam:List*",
        "iam:Simulate*",
        "lambda:Get*",
        "lambda:List*",
        "sns:Get*",
        "sns:List*",
        // Who may assume a role, its own trust says; of those that deploy, see `WhoDeploys`.
        "sts:*",
      ],
      Resource: [
        named("lambda", "function:"),
        named("cloudwatch", "alarm:"),
        named("sns", ""),
        `arn:${partition}:events:*:*:rule/${stackName}*`,
        `arn:${partition}:cloudformation:*:*:stack/${stackName}/*`,
        `arn:${partition}:cloudformation:*:*:stack/${stackName}-*`,
        `arn:${partition}:kms:*:*:alias/sallyport*`,
        `arn:${partition}:iam::*:role${ROLE_PATH}*`,
        ...deployRoleArns,
        ...recoveryRoleArns,
        ...(apiId === undefined ? [] : [api(`apis/${apiId}`), api(`apis/${apiId}/*`)]),
        ...(domainName === undefined
          ? []
          : [api(`domainnames/${domainName}`), api(`domainnames/${domainName}/*`)]),
      ],
      Condition: others,
    },
    {
      // IAM knows the mapping by an id that is made with it, and the function by this key.
      Sid: "WhatFeedsFunctions",
      Effect: "Deny",
      Action: [
        "lambda:CreateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
        "lambda:UpdateEventSourceMapping",
      ],
      Resource: ["*"],
      Condition: { ...others, ArnLike: { "lambda:FunctionArn": [named("lambda", "function:")] } },
    },
    {
      Sid: "Keys",
      Effect: "Deny",
      Action: [
        "kms:CreateGrant",
        "kms:Delete*",
        "kms:Disable*",
        "kms:Put*",
        "kms:Replicate*",
        "kms:Retire*",
        "kms:Revoke*",
        "kms:Schedule*",
        "kms:Tag*",
        "kms:Untag*",
        "kms:Update*",
      ],
      Resource: [`arn:${partition}:kms:*:*:key/*`],
      Condition: {
        ...but([...deployRoleArns, ...recoveryRoleArns]),
        "ForAnyValue:StringLike": { "kms:ResourceAliases": ["alias/sallyport*"] },
      },
    },
    {
      // Whoever deploys can hand a function's role to a function of theirs; to a machine of theirs they cannot.
      Sid: "RolesToServices",
      Effect: "Deny",
      Action: ["iam:PassRole"],
      Resource: [`arn:${partition}:iam::*:role${ROLE_PATH}*`],
      Condition: { StringNotEquals: { "iam:PassedToService": PASSED_TO } },
    },
  ];
}

/**
 * Of the tables, items are for the gateway's own roles, reading them too: a read through the gateway is on record.
 * What a table is, and what the bus, the logs and the queue hold, is for those who deploy or restore besides.
 */
function theRecord(configuration: GuardrailConfiguration): GuardrailStatement[] {
  const { partition, deployRoleArns, recoveryRoleArns, restoredEventsTable } = configuration;
  const { stackName = "sallyport" } = configuration;
  const tables = [
    `${stackName}-`,
    ...(restoredEventsTable === undefined ? [] : [restoredEventsTable]),
  ].map((name) => `arn:${partition}:dynamodb:*:*:table/${name}*`);
  const own = ours(partition, "*");
  const looking = ["dynamodb:Describe*", "dynamodb:GetResourcePolicy", "dynamodb:List*"];
  const items = [
    "dynamodb:*Item",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:PartiQL*",
    "dynamodb:Query",
    "dynamodb:Scan",
  ];
  return [
    {
      Sid: "Items",
      Effect: "Deny",
      Action: items,
      Resource: tables,
      Condition: but([own, ...recoveryRoleArns]),
    },
    {
      Sid: "Tables",
      Effect: "Deny",
      NotAction: [...looking, ...items],
      Resource: tables,
      Condition: but([...deployRoleArns, ...recoveryRoleArns]),
    },
    {
      Sid: "WhatWasSeen",
      Effect: "Deny",
      NotAction: [
        "events:Describe*",
        "events:List*",
        "logs:Describe*",
        "logs:Filter*",
        "logs:Get*",
        "logs:List*",
        "logs:Start*",
        "sqs:Get*",
        "sqs:List*",
      ],
      Resource: [
        `arn:${partition}:events:*:*:event-bus/sallyport`,
        `arn:${partition}:logs:*:*:log-group:${stackName}-*`,
        `arn:${partition}:sqs:*:*:${stackName}-*`,
      ],
      Condition: but([own, ...deployRoleArns, ...recoveryRoleArns]),
    },
  ];
}

function guardrail(name: string, description: string, statements: GuardrailStatement[]): Guardrail {
  return { name, description, content: { Version: "2012-10-17", Statement: statements } };
}

/** One of the gateway's roles, in whichever account: the path is guarded in all of them. */
function ours(partition: string, name: string): string {
  return `arn:${partition}:iam::*:role${ROLE_PATH}${name}`;
}

/** Everybody but these roles, by the ARN a role has itself and no session of another. */
function but(roleArns: string[]): { ArnNotLike: { "aws:PrincipalArn": string[] } } {
  return { ArnNotLike: { "aws:PrincipalArn": roleArns } };
}
