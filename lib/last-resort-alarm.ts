import { Duration, Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SnsTopic } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { LAST_RESORT } from "../core/last-resort-role.ts";
import { roleArn } from "../core/roles.ts";
import { acknowledge } from "./acknowledge.ts";
import type { DeploymentPlace } from "./cluster-arn.ts";

export interface LastResortAlarmProps {
  partition: string;
  /** Where it listens: where the role is, and where STS is asked for it. */
  place: DeploymentPlace;
  /** Whom each use is mailed to. */
  mail: string;
}

/**
 * Says in one region of an account that somebody asked for its last resort, whether they got it or not. EventBridge,
 * CloudWatch and SNS alone do it: nothing of the gateway has to run. It needs a trail that records management
 * events, as all that CloudTrail tells EventBridge does.
 */
export class LastResortAlarm extends Construct {
  constructor(scope: Construct, id: string, props: LastResortAlarmProps) {
    super(scope, id);
    const { partition, place, mail } = props;
    const topic = new Topic(this, "Topic", {
      displayName: "Sallyport: the last resort",
      enforceSSL: true,
    });
    acknowledge(topic, {
      "NIST.800.53.R5-SNSEncryptedKMS":
        "It has to work whatever becomes of a key; what is mailed says who asked for which role, and nothing of a container.",
    });
    // A topic's policy takes the place of the one SNS gives it, by which CloudWatch could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    topic.addSubscription(new EmailSubscription(mail));
    const detail = (path: string): string => EventField.fromPath(`$.detail.${path}`);
    const rule = new Rule(this, "Asked", {
      description: "Somebody asked for the role by which Sallyport can be gone round",
      eventPattern: {
        source: ["aws.sts"],
        detailType: ["AWS API Call via CloudTrail"],
        detail: {
          eventName: ["AssumeRole"],
          requestParameters: { roleArn: [roleArn(partition, place.account, LAST_RESORT)] },
        },
      },
      targets: [
        new SnsTopic(topic, {
          message: RuleTargetInput.fromText(
            [
              `The last resort of account ${place.account} was asked for, at ${detail("eventTime")}:`,
              `by ${detail("userIdentity.arn")} (${detail("userIdentity.principalId")}), from ${detail("sourceIPAddress")}, as ${detail("requestParameters.roleSessionName")}.`,
              `Refused with: ${detail("errorCode")} (empty where it was given).`,
              "See docs/operating.md, The gateway is down at 3 a.m.",
            ].join(" "),
          ),
        }),
      ],
    });
    const alarm = new Alarm(this, "Used", {
      alarmDescription:
        "Somebody asked for the role that goes round the gateway. Who, and from where, is in the mail beside this one and in CloudTrail. See docs/operating.md.",
      metric: new Metric({
        namespace: "AWS/Events",
        metricName: "TriggeredRules",
        dimensionsMap: { RuleName: rule.ruleName },
        statistic: "Sum",
        period: Duration.minutes(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
  }
}
