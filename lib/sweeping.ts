import { Duration } from "aws-cdk-lib";
import type { ITable, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { streamDeadLetters } from "./dead-letters.ts";

export interface SweepingProps {
  events: TableV2;
  sweeper: IFunction;
  /** A key of the account's own, for the queue. */
  ownKey?: IKey | undefined;
}

/**
 * When the sweeper runs: each minute for what has become due, and by the stream of the record for what cannot
 * wait so long. No end depends on the stream alone: what it loses, the minute finds. That an item was changed or
 * removed, nothing else tells: so the stream is read from its oldest record on, and what the sweeper could not put on
 * record after ten tries leaves its place in a queue.
 */
export class Sweeping extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: SweepingProps) {
    super(scope, id);
    const { events, sweeper, ownKey } = props;
    new Rule(this, "EachMinute", {
      schedule: Schedule.rate(Duration.minutes(1)),
      // A round that was missed is in the next one.
      targets: [new LambdaFunction(sweeper, { retryAttempts: 0 })],
    });
    this.deadLetters = streamDeadLetters(this, sweeper, ownKey);
    sweeper.addEventSource(
      // A TableV2 is an ITable; only their ways of writing "may be absent" differ under our compiler.
      new DynamoEventSource(events as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 10,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: 10,
        onFailure: new SqsDlq(this.deadLetters),
      }),
    );
  }
}
