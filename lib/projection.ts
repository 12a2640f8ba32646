import type { ITable, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { streamDeadLetters } from "./dead-letters.ts";

export interface ProjectionProps {
  events: TableV2;
  projector: IFunction;
  /** A key of the account's own, for the queue. */
  ownKey?: IKey | undefined;
}

/**
 * The stream of the record to the projector. A batch that fails is halved until the one event that fails
 * is alone; after ten tries its place in the stream goes to a queue, and the lists go on without it.
 */
export class Projection extends Construct {
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ProjectionProps) {
    super(scope, id);
    this.deadLetters = streamDeadLetters(this, props.projector, props.ownKey);
    props.projector.addEventSource(
      // A TableV2 is an ITable; only their ways of writing "may be absent" differ under our compiler.
      new DynamoEventSource(props.events as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: 10,
        onFailure: new SqsDlq(this.deadLetters),
      }),
    );
  }
}
