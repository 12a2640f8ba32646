import { ArnFormat, Stack } from "aws-cdk-lib";
import { type EventBus, EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  CfnQueryDefinition,
  CfnResourcePolicy,
  LogGroup,
  type RetentionDays,
} from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { AROUND_FIELDS, CONTAINER_TARGET, EXEC_SESSION, NOT_AROUND } from "../core/around.ts";
import { acknowledge, LOGS_BY_AWS_KEY } from "./acknowledge.ts";

export interface AroundLogProps {
  /** Where every account's forwarding puts what CloudTrail saw. */
  bus: EventBus;
  logRetention: RetentionDays;
  /** A key of the account's own. */
  ownKey?: IKey | undefined;
}

/** The ways into a container, as EventBridge matches them. */
const WAYS_IN = [
  { eventName: ["ExecuteCommand"] },
  { eventName: ["StartSession"], requestParameters: { target: [{ prefix: CONTAINER_TARGET }] } },
  { eventName: ["ResumeSession"], requestParameters: { sessionId: [{ prefix: EXEC_SESSION }] } },
];

const SHOWN = ["operation", "account", "region", "by", "role", "error"];

const QUERY = [
  `parse @message / ${SHOWN.map((name) => `${name}=(?<${name}>\\S*)`).join(" ")} /`,
  "parse @message / cluster=(?<cluster>.*)$/",
  "stats count(*) as calls, sum(strlen(error) > 0) as refused by by as who, account, cluster, operation",
  "sort calls desc",
].join("\n| ");

/**
 * A log of who goes into containers around the gateway, in whichever account: what the guardrail would refuse. A line
 * names who, where and how, and not which command. `sallyport guardrail report` makes a table of it, and so does the
 * query that is kept with it.
 */
export class AroundLog extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: AroundLogProps) {
    super(scope, id);
    const { bus, ownKey } = props;
    this.logGroup = new LogGroup(this, "Log", {
      retention: props.logRetention,
      ...(ownKey === undefined ? {} : { encryptionKey: ownKey }),
    });
    if (ownKey === undefined) acknowledge(this.logGroup, LOGS_BY_AWS_KEY);
    const arn = Stack.of(this).formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: this.logGroup.logGroupName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const line = AROUND_FIELDS.map(
      ([name, path]) => `${name}=${EventField.fromPath(`$.detail.${path}`)}`,
    ).join(" ");
    const input = RuleTargetInput.fromObject({ timestamp: EventField.time, message: line });
    const rule = (ruleId: string, userIdentity: object): void => {
      new Rule(this, ruleId, {
        eventBus: bus,
        description: "Commands and sessions in containers that are not Sallyport's",
        eventPattern: {
          source: ["aws.ecs", "aws.ssm"],
          detailType: ["AWS API Call via CloudTrail"],
          detail: { $or: WAYS_IN, userIdentity },
        },
        targets: [{ bind: () => ({ arn, input }) }],
      });
    };
    rule("ByRoles", {
      sessionContext: { sessionIssuer: { arn: [{ "anything-but": { wildcard: NOT_AROUND } }] } },
    });
    // Of a user there is no such field, which nothing that is compared with it matches.
    rule("ByOthers", {
      type: [{ "anything-but": ["AWSService"] }],
      sessionContext: { sessionIssuer: { arn: [{ exists: false }] } },
    });
    // EventBridge takes no log group of another account, and AWS documents no condition for this that it would meet.
    new CfnResourcePolicy(this, "FromRules", {
      policyName: `${Stack.of(this).stackName}-around`,
      policyDocument: Stack.of(this).toJsonString({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "FromRules",
            Effect: "Allow",
            Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: `${arn}:*`,
          },
        ],
      }),
    });
    new CfnQueryDefinition(this, "Query", {
      name: `${Stack.of(this).stackName}/who execs around us`,
      logGroupNames: [this.logGroup.logGroupName],
      queryString: QUERY,
    });
  }
}
