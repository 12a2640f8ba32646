import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import {
  BREAK_GLASS_METRIC,
  countedBy,
  METRIC_NAMESPACE,
  type MetricName,
} from "../core/metrics.ts";
import { acknowledge } from "./acknowledge.ts";
import type { Watched } from "./watched.ts";

export interface AlarmsProps extends Watched {
  /**
   * Whom they are mailed to.
   *
   * @default nobody: an action is added outside
   */
  mail?: string | undefined;
  /** A key of the account's own, for what is mailed. */
  ownKey?: IKey | undefined;
}

/** What somebody has to look at, each with its page in docs/operating.md. */
export class Alarms extends Construct {
  private readonly topic: Topic | undefined;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { functions, api, deadLetters, unswept, unseen, mail, ownKey } = props;
    const { sweeper, projector, watcher } = functions;
    if (mail === undefined) {
      acknowledge(this, {
        "NIST.800.53.R5-CloudWatchAlarmAction":
          "No `alarmMail` is configured: whoever has a pager adds it to the alarms from outside.",
      });
    } else {
      this.topic = new Topic(this, "Topic", {
        displayName: "Sallyport",
        enforceSSL: true,
        ...(ownKey === undefined ? {} : { masterKey: ownKey }),
      });
      if (ownKey === undefined) {
        acknowledge(this.topic, {
          "NIST.800.53.R5-SNSEncryptedKMS":
            "CloudWatch cannot use AWS's own key of SNS; `ownKeys` encrypts it by the account's. A message names an alarm, and nobody.",
        });
      }
      // A topic's policy takes the place of the one SNS gives it, by which CloudWatch could publish.
      this.topic.addToResourcePolicy(
        new PolicyStatement({
          sid: "AlarmsOfThisAccount",
          principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
          actions: ["sns:Publish"],
          resources: [this.topic.topicArn],
          conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
        }),
      );
      this.topic.addSubscription(new EmailSubscription(mail));
    }
    // Tries come at most an hour apart, so that one in two hours says that it goes on.
    this.alarm("EndUnverified", {
      says: "A session that has to end is not known to be over. `sallyport sessions --only ending` lists those; stopping the task ends what is in it for certain.",
      metric: counted("EndUnverified", Duration.hours(1)),
      periods: 2,
      of: 1,
    });
    this.alarm("BreakGlass", {
      says: "Somebody went into a container with nobody asked. `sallyport reviews` lists who owes an answer.",
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: BREAK_GLASS_METRIC,
        statistic: "Sum",
        period: Duration.minutes(1),
      }),
      periods: 1,
      of: 1,
    });
    this.alarm("SweeperFails", {
      says: "The function that ends sessions fails: what is over may run on. Its log says why.",
      metric: sweeper.function.metricErrors({ statistic: "Sum", period: Duration.minutes(1) }),
      periods: 3,
      of: 3,
    });
    this.alarm("SweepUndone", {
      says: "Something that has to end, or to be put on record, fails in every round. The sweeper's log says what and why.",
      metric: counted("SweepUndone", Duration.minutes(1)),
      periods: 5,
      of: 5,
    });
    this.alarm("SweeperStands", {
      says: "For three minutes nobody has gone through what is due: what is over runs on.",
      // Not its invocations: the stream invokes it too, and goes through nothing.
      metric: counted("SweepRounds", Duration.minutes(1)),
      periods: 3,
      of: 3,
      isQuiet: true,
    });
    this.alarm("SweepLost", {
      says: "A place in the stream was given up by the sweeper: an item of the record may have been changed with no word of it.",
      metric: unswept.metricApproximateNumberOfMessagesVisible({
        statistic: "Maximum",
        period: Duration.minutes(5),
      }),
      periods: 1,
      of: 1,
    });
    this.alarm("GatewayFails", {
      says: "Calls end in a 5xx: people cannot ask, decide or open. The functions' logs say why.",
      metric: api.metricServerError({ statistic: "Sum", period: Duration.minutes(1) }),
      periods: 5,
      of: 3,
    });
    this.alarm("ListsStand", {
      says: "The lists are ten minutes behind the record. Nothing is decided by them; approvers miss what is new.",
      metric: projector.function.metric("IteratorAge", {
        statistic: "Maximum",
        period: Duration.minutes(1),
      }),
      threshold: Duration.minutes(10).toMilliseconds(),
      periods: 5,
      of: 5,
    });
    this.alarm("ListsLost", {
      says: "A request's place in the stream was given up: it is not listed as it is until it changes again.",
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        statistic: "Maximum",
        period: Duration.minutes(5),
      }),
      periods: 1,
      of: 1,
    });
    const once = (id: MetricName, says: string): void =>
      this.alarm(id, { says, metric: counted(id, Duration.minutes(1)), periods: 1, of: 1 });
    once(
      "WatchDifference",
      "AWS saw a command, a session or a role taken up that is not on record as it was, or did not see what is. `call.differed`, `call.missing` and `session.unknown` in the record say what.",
    );
    once(
      "DecisionUnwitnessed",
      "A decision is on record that nobody called for at the front door. `decision.unwitnessed` says which.",
    );
    once(
      "RecordTouched",
      "A table of the record was changed, or an event is not there or cannot be read. `record.touched` says what and who.",
    );
    once(
      "ItemTouched",
      "An item of the record was changed or removed, which no function may do. `item.touched` says which.",
    );
    once(
      "LastResortUsed",
      "Somebody took up the role for when the gateway is down, or used it. `sallyport reviews` says who and where: a review is owed.",
    );
    this.alarm("WatcherStands", {
      says: "For twenty minutes the record has not been compared with what AWS saw: it fails, or nothing calls it. The watcher's log says why.",
      metric: counted("WatchRounds", Duration.minutes(5)),
      periods: 4,
      of: 4,
      isQuiet: true,
    });
    this.alarm("WatcherFails", {
      says: "What AWS saw could not be compared, and is tried again. The watcher's log says why.",
      metric: watcher.function.metricErrors({ statistic: "Sum", period: Duration.minutes(5) }),
      periods: 3,
      of: 3,
    });
    this.alarm("WatchLost", {
      says: "Something that AWS saw was given up before it was compared: its queue holds it.",
      metric: unseen.metricApproximateNumberOfMessagesVisible({
        statistic: "Maximum",
        period: Duration.minutes(5),
      }),
      periods: 1,
      of: 1,
    });
  }

  private alarm(
    id: string,
    on: {
      says: string;
      metric: IMetric;
      /**
       * @default 1
       */
      threshold?: number;
      periods: number;
      of: number;
      isQuiet?: boolean;
    },
  ): void {
    const isQuiet = on.isQuiet === true;
    const alarm = new Alarm(this, id, {
      alarmDescription: `${on.says} See docs/operating.md.`,
      metric: on.metric,
      threshold: on.threshold ?? 1,
      comparisonOperator: isQuiet
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: on.periods,
      datapointsToAlarm: on.of,
      // A metric that is not there is no event of its kind; of a function that has to run each minute it is the event.
      treatMissingData: isQuiet ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    if (this.topic !== undefined) alarm.addAlarmAction(new SnsAction(this.topic));
  }
}

/** What a function counts by lines of its own log. */
function counted(metricName: MetricName, period: Duration): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { function: countedBy[metricName] },
    statistic: "Sum",
    period,
  });
}
