import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Marks } from "../core/marks.ts";

/** Marks as rows of the `state` table: `MARK#<name>`, sort key `-`, attribute `at`. */
export function dynamoMarks(settings: { client: DynamoDBClient; tableName: string }): Marks {
  const { client, tableName: TableName } = settings;
  const keyOf = (name: string) => ({ pk: { S: `MARK#${name}` }, sk: { S: "-" } });
  return {
    async get(name) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(name), ConsistentRead: true }),
      );
      const at = Number(Item?.["at"]?.N);
      return Number.isFinite(at) ? at : undefined;
    },
    async advance(name, to) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName,
            Key: keyOf(name),
            UpdateExpression: "SET #at = :to",
            ConditionExpression: "attribute_not_exists(#at) OR #at < :to",
            ExpressionAttributeNames: { "#at": "at" },
            ExpressionAttributeValues: { ":to": { N: String(to) } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
