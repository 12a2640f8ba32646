import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { GatewayFunctionName } from "../core/function-policies.ts";
import { BREAK_GLASS_METRIC, METRIC_NAMESPACE, type MetricName } from "../core/metrics.ts";

export interface AlarmsProps {
  sweeper: IFunction;
}

/**
 * What somebody has to look at, each with its page in docs/operating.md. Whom they tell is the deployment's: an
 * action on them is added outside.
 */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { sweeper }: AlarmsProps) {
    super(scope, id);
    // Tries come at most an hour apart, so that one in two hours says that it goes on.
    this.alarm("EndUnverified", {
      says: "A session that has to end is not known to be over. `sallyport sessions --only ending` lists those; stopping the task ends what is in it for certain.",
      metric: ofSweeper("EndUnverified", Duration.hours(1)),
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
      metric: sweeper.metricErrors({ statistic: "Sum", period: Duration.minutes(1) }),
      periods: 3,
      of: 3,
    });
    this.alarm("SweepUndone", {
      says: "Something that has to end, or to be put on record, fails in every round. The sweeper's log says what and why.",
      metric: ofSweeper("SweepUndone", Duration.minutes(1)),
      periods: 5,
      of: 5,
    });
    this.alarm("SweeperStands", {
      says: "For three minutes nobody has gone through what is due: what is over runs on.",
      // Not its invocations: the stream invokes it too, and goes through nothing.
      metric: ofSweeper("SweepRounds", Duration.minutes(1)),
      periods: 3,
      of: 3,
      isQuiet: true,
    });
  }

  private alarm(
    id: string,
    on: { says: string; metric: IMetric; periods: number; of: number; isQuiet?: boolean },
  ): void {
    const isQuiet = on.isQuiet === true;
    new Alarm(this, id, {
      alarmDescription: `${on.says} See docs/operating.md.`,
      metric: on.metric,
      threshold: 1,
      comparisonOperator: isQuiet
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: on.periods,
      datapointsToAlarm: on.of,
      // A metric that is not there is no event of its kind; of a function that has to run each minute it is the event.
      treatMissingData: isQuiet ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}

/** What the sweeper counts by lines of its own log. */
function ofSweeper(metricName: MetricName, period: Duration): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { function: "sweeper" satisfies GatewayFunctionName },
    statistic: "Sum",
    period,
  });
}
