import { Duration } from "aws-cdk-lib";
import type { ITable, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type IFunction, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource, SqsDlq } from "aws-cdk-lib/aws-lambda-event-sources";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

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
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...(props.ownKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: props.ownKey }),
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.deadLetters, {
      "AwsSolutions-SQS3": "It is the dead-letter queue, of a stream, which cdk-nag does not see.",
    });
    if (props.ownKey !== undefined && props.projector.role !== undefined) {
      acknowledge(props.projector.role, {
        "AwsSolutions-IAM5[Action::kms:ReEncrypt*]":
          "The CDK's grant to whoever sends to an encrypted queue; on the account's own key alone.",
      });
    }
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
