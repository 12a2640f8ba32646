import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { isoTime, utcDay } from "../core/clock.ts";
import { SallyportError } from "../core/errors.ts";
import type { Readers } from "../core/may-read.ts";
import type { ViewIndex, ViewRow, Views } from "../core/views.ts";

/** No status of a request. */
const REVIEW_OWED = "REVIEW_OWED";

/** The lists on a second DynamoDB table: one row a request, four indexes by `sort` = time#id. */
export function dynamoViews(settings: { client: DynamoDBClient; tableName: string }): Views {
  const { client, tableName } = settings;
  /** Unless a later one is there, or `anew` whatever is. */
  const putItem = async (
    { id, seq }: ViewRow,
    sk: "HEAD" | "REVIEW",
    attributes: { [name: string]: AttributeValue },
    anew: boolean,
  ): Promise<void> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: {
            pk: { S: `REQ#${id}` },
            sk: { S: sk },
            seq: { N: String(seq) },
            ...attributes,
          },
          ...(anew
            ? {}
            : {
                ConditionExpression: "attribute_not_exists(pk) OR seq < :seq",
                ExpressionAttributeValues: { ":seq": { N: String(seq) } },
              }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw unavailable(error);
    }
  };
  const file = async (row: ViewRow, anew: boolean): Promise<void> => {
    const sort = { S: `${isoTime(row.askedAt)}#${row.id}` };
    const readers = { S: JSON.stringify(row.readers) };
    // A row of its own in the index by status, which is of this list alone: filed before the other says that
    // it is, so that nobody who passes over the one finds no other.
    if (row.reviewOwed || row.readers.reviewed === true) {
      const status = { S: row.reviewOwed ? REVIEW_OWED : "REVIEWED" };
      await putItem(row, "REVIEW", { status, readers, sort }, anew);
    }
    await putItem(
      row,
      "HEAD",
      {
        status: { S: row.stage },
        requester: { S: row.requester },
        readers,
        ...(row.reviewOwed ? { reviewOwed: { BOOL: true } } : {}),
        // A key of an index may not be empty.
        ...(row.resource === "" ? {} : { service: { S: row.resource } }),
        day: { S: utcDay(row.askedAt) },
        sort,
      },
      anew,
    );
  };
  return {
    put: (row) => file(row, false),
    putAnew: (row) => file(row, true),

    async seqOf(id) {
      try {
        const { Item } = await client.send(
          new GetItemCommand({
            TableName: tableName,
            ConsistentRead: true,
            Key: { pk: { S: `REQ#${id}` }, sk: { S: "HEAD" } },
          }),
        );
        return Number(Item?.["seq"]?.N ?? 0);
      } catch (error) {
        throw unavailable(error);
      }
    },

    async page(index, range, cursor, limit) {
      const { name, key, value } = keyOf(index);
      // `~` sorts after every character of an id, so the upper bound includes its whole millisecond.
      const newest = cursor ?? `${isoTime(range.to)}#~`;
      try {
        const answer = await client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: name,
            ScanIndexForward: false,
            Limit: limit,
            KeyConditionExpression: "#k = :v AND sort BETWEEN :from AND :to",
            ExpressionAttributeNames: { "#k": key },
            ExpressionAttributeValues: {
              ":v": { S: value },
              ":from": { S: isoTime(range.from) },
              ":to": { S: newest },
            },
          }),
        );
        const rows = (answer.Items ?? []).map((item) => {
          const sort = item["sort"]?.S ?? "";
          const reviewOwed = item["reviewOwed"]?.BOOL === true;
          return {
            id: sort.slice(sort.indexOf("#") + 1),
            sort,
            readers: readersIn(item),
            reviewOwed,
          };
        });
        return {
          rows: rows.filter(({ sort }) => sort !== cursor),
          more: answer.LastEvaluatedKey !== undefined,
        };
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
}

/** What a row says of who may see it. Whether it is so, the chain says: a row only lets others be passed over. */
function readersIn(item: { [name: string]: AttributeValue }): Readers | undefined {
  const text = item["readers"]?.S;
  return text === undefined ? undefined : (JSON.parse(text) as Readers);
}

function keyOf(index: ViewIndex): { name: string; key: string; value: string } {
  switch (index.by) {
    case "requester":
      return { name: "byRequester", key: "requester", value: index.requester };
    case "stage":
      return { name: "byStatus", key: "status", value: index.stage };
    case "resource":
      return { name: "byService", key: "service", value: index.resource };
    case "day":
      return { name: "byDay", key: "day", value: index.day };
    case "review":
      return { name: "byStatus", key: "status", value: REVIEW_OWED };
  }
}

function unavailable(error: unknown): SallyportError {
  return new SallyportError(
    "record_unavailable",
    "the lists could not be reached",
    { retryAfterSeconds: 1 },
    error,
  );
}
