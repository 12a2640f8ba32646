/** A DynamoDB stream's batch, as far as it is used: the stream carries keys alone. */
export interface StreamBatch {
  Records: {
    eventName?: string;
    dynamodb?: { Keys?: { pk?: { S?: string }; sk?: { S?: string } }; SequenceNumber?: string };
  }[];
}

export interface BatchFailures {
  batchItemFailures: { itemIdentifier: string }[];
}
