import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { Write } from "../core/append-plan.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import { families as known } from "../core/event-kinds.ts";

export type Item = { [name: string]: AttributeValue };

/** The condition on every Put of the record. */
export const ABSENT = "attribute_not_exists(pk)";

/** One write of an append as an item of the transaction: a Put of an absent key, or a check of absence. */
export function transactItem(tableName: string, write: Write): TransactWriteItem {
  if (write.kind === "check-absent") {
    return {
      ConditionCheck: {
        TableName: tableName,
        Key: { pk: { S: write.pk }, sk: { S: write.sk } },
        ConditionExpression: ABSENT,
      },
    };
  }
  const key: Item = { pk: { S: write.pk }, sk: { S: write.sk } };
  const item: Item =
    write.kind === "put-index"
      ? { ...key, chain: { S: write.chain }, seq: { N: String(write.seq) } }
      : { ...key, ...eventAttributes(write.event) };
  return {
    Put: {
      TableName: tableName,
      Item: item,
      ConditionExpression: ABSENT,
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
}

function eventAttributes(event: StoredEvent): Item {
  const open: Item = {};
  for (const [field, { salt, value }] of Object.entries(event.open)) {
    open[field] = { M: { salt: { S: salt }, value: { S: value } } };
  }
  return {
    [event.family]: { M: { leaf: { S: event.leaf }, nonce: { S: event.nonce } } },
    ...(Object.keys(open).length === 0 ? {} : { open: { M: open } }),
  };
}

/** An item as an event. One with no family, or with two, is nobody's event. */
export function storedEvent(item: Item): StoredEvent {
  const chain = item["pk"]?.S ?? "";
  const seq = Number((item["sk"]?.S ?? "").slice(2));
  const families = known.filter((family) => item[family] !== undefined);
  const [family] = families;
  const stored = family === undefined ? undefined : item[family]?.M;
  if (
    family === undefined ||
    families.length !== 1 ||
    stored === undefined ||
    !Number.isSafeInteger(seq)
  ) {
    throw new SallyportError("record_corrupt", `item ${chain} ${item["sk"]?.S ?? ""} is no event`);
  }
  const open: StoredEvent["open"] = {};
  for (const [field, value] of Object.entries(item["open"]?.M ?? {})) {
    open[field] = { salt: value.M?.["salt"]?.S ?? "", value: value.M?.["value"]?.S ?? "" };
  }
  return {
    chain,
    seq,
    family,
    leaf: stored["leaf"]?.S ?? "",
    nonce: stored["nonce"]?.S ?? "",
    open,
  };
}
