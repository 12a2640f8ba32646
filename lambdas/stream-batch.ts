/** One record of a DynamoDB stream, as far as it is used: the stream carries keys alone. */
export interface StreamRecord {
  eventName?: string;
  dynamodb?: {
    Keys?: { pk?: { S?: string }; sk?: { S?: string } };
    SequenceNumber?: string;
    /** When the item was written (epoch seconds). */
    ApproximateCreationDateTime?: number;
  };
}

export interface StreamBatch {
  Records: StreamRecord[];
}

export interface BatchFailures {
  batchItemFailures: { itemIdentifier: string }[];
}
