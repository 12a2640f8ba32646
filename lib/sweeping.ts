import { Duration } from "aws-cdk-lib";
import type { ITable, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { Construct } from "constructs";

export interface SweepingProps {
  events: TableV2;
  sweeper: IFunction;
}

/**
 * When the sweeper runs: each minute for what has become due, and by the stream of the record for what cannot
 * wait so long. What the stream loses after its tries, the minute finds: nothing depends on the stream alone.
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
  }
}
