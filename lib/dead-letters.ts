import { Duration } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";

/** Where something leaves what it gave up, for as long as SQS keeps anything. */
export function deadLetterQueue(scope: Construct, ownKey: IKey | undefined): Queue {
  return new Queue(scope, "DeadLetters", {
    ...(ownKey === undefined
      ? { encryption: QueueEncryption.SQS_MANAGED }
      : { encryption: QueueEncryption.KMS, encryptionMasterKey: ownKey }),
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
}

/** The same for a function that reads a stream. */
export function streamDeadLetters(
  scope: Construct,
  reader: IFunction,
  ownKey: IKey | undefined,
): Queue {
  const queue = deadLetterQueue(scope, ownKey);
  acknowledge(queue, {
    "AwsSolutions-SQS3": "It is the dead-letter queue, of a stream, which cdk-nag does not see.",
  });
  if (ownKey !== undefined && reader.role !== undefined) {
    acknowledge(reader.role, {
      "AwsSolutions-IAM5[Action::kms:ReEncrypt*]":
        "The CDK's grant to whoever sends to an encrypted queue; on the account's own key alone.",
    });
  }
  return queue;
}
