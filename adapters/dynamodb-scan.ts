import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import { type Item, storedEvent } from "./event-items.ts";

export interface ScannedPage {
  events: StoredEvent[];
  /** Items where events stand that are none. */
  strange: string[];
  /** Where the next page begins; undefined at the end. */
  cursor: string | undefined;
}

/** `<partition key>/<sort key>`; no sort key holds a slash. */
const CURSOR = /^(.+)\/([^/]+)$/;

/**
 * Every event of a table, page by page, in no order. Nothing that decides reads like this: it is for whoever restores
 * the record or makes the lists anew. Consistent as of each page. Throws `record_unavailable`, and `query_invalid` for
 * a cursor of nobody's.
 */
export async function* scanEvents(
  settings: { client: DynamoDBClient; tableName: string },
  after?: string,
): AsyncGenerator<ScannedPage> {
  let start = after === undefined ? undefined : keyOf(after);
  do {
    const page = await settings.client
      .send(
        new ScanCommand({
          TableName: settings.tableName,
          ConsistentRead: true,
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      )
      .catch((error: unknown) => {
        throw new SallyportError(
          "record_unavailable",
          "the table could not be read",
          { retryAfterSeconds: 1 },
          error,
        );
      });
    start = page.LastEvaluatedKey;
    const cursor =
      start === undefined ? undefined : `${start["pk"]?.S ?? ""}/${start["sk"]?.S ?? ""}`;
    yield { ...eventsOf(page.Items ?? []), cursor };
  } while (start !== undefined);
}

function eventsOf(items: readonly Item[]): Pick<ScannedPage, "events" | "strange"> {
  const events: StoredEvent[] = [];
  const strange: string[] = [];
  for (const item of items) {
    if (!(item["sk"]?.S ?? "").startsWith("E#")) continue;
    try {
      events.push(storedEvent(item));
    } catch {
      strange.push(`${item["pk"]?.S ?? ""} ${item["sk"]?.S ?? ""}`);
    }
  }
  return { events, strange };
}

function keyOf(cursor: string): Item {
  const [, pk, sk] = CURSOR.exec(cursor) ?? [];
  if (pk === undefined || sk === undefined) {
    throw new SallyportError("query_invalid", "that is no place in a table");
  }
  return { pk: { S: pk }, sk: { S: sk } };
}
