import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { ITable, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";
import { METRIC_NAMESPACE, type MetricName } from "../core/metrics.ts";

export interface SweepingProps {
  events: TableV2;
  sweeper: IFunction;
}

/**
 * When the sweeper runs: each minute for what has become due, and by the stream of the record for what cannot
 * wait so long. What the stream loses after its tries, the minute finds: nothing depends on the stream alone.
 * An alarm stands from the first end that could not be verified until two hours after the last try of one.
 */
export class Sweeping extends Construct {
  constructor(scope: Construct, id: string, props: SweepingProps) {
    super(scope, id);
    new Rule(this, "EachMinute", {
      schedule: Schedule.rate(Duration.minutes(1)),
      // A round that was missed is in the next one.
      targets: [new LambdaFunction(props.sweeper, { retryAttempts: 0 })],
    });
    props.sweeper.addEventSource(
      // A TableV2 is an ITable; only their ways of writing "may be absent" differ under our compiler.
      new DynamoEventSource(props.events as ITable, {
        startingPosition: StartingPosition.LATEST,
        batchSize: 10,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: 2,
      }),
    );
    // Tries come at most an hour apart, so that one in two hours says that it goes on.
    new Alarm(this, "EndUnverified", {
      alarmDescription:
        "A session that has to end is not known to be over. `sallyport sessions --only ending` lists those; stopping the task ends what is in it for certain.",
      metric: new Metric({
        namespace: METRIC_NAMESPACE,
        metricName: "EndUnverified" satisfies MetricName,
        dimensionsMap: { function: "sweeper" },
        statistic: "Sum",
        period: Duration.hours(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
