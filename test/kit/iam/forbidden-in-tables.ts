import { type FunctionName, type Question } from "./forbidden-question.ts";
import { type IamRequest, onTable, tableArn } from "./requests.ts";

/** Who writes which family on which chains: the table of docs/decisions and of the design, once more. */
const writes: { [F in FunctionName]: { [family: string]: string[] } } = {
  requests: { asked: ["REQ", "REFUSED"], read: ["READ"] },
  decide: {
    decided: ["REQ", "REFUSED", "LOCK"],
    broke: ["REQ", "GLASS", "REVIEW"],
    configured: ["REQ", "CONF"],
    text: ["TEXT"],
  },
  exec: { asked: ["REQ"], opened: ["REQ", "REFUSED", "SLOT", "PERSON"], place: ["SESSION"] },
  projector: {},
  sweeper: { swept: ["REQ", "SLOT", "PERSON", "REFUSED", "WATCH"], place: ["TOUCHED"] },
  watcher: { watched: ["WATCH"], place: ["WATCHED", "TOUCHED"] },
};
const indexed: { [F in FunctionName]?: string[] } = {
  requests: ["DAY", "DUE"],
  decide: ["DAY", "DUE"],
  exec: ["DAY", "DUE"],
  sweeper: ["DAY", "DUE"],
  watcher: ["DAY"],
};
const families = [
  "asked",
  "decided",
  "broke",
  "configured",
  "opened",
  "swept",
  "read",
  "watched",
  "erased",
  "text",
];
export const chains: { [prefix: string]: string } = {
  REQ: "REQ#01arz3ndektsv4rrffq69g5fav",
  REFUSED: "REFUSED#call-1",
  LOCK: "LOCK",
  CONF: "CONF",
  READ: "READ#auditor#2026-11-30",
  GLASS: "GLASS#sre#2026-11-30",
  REVIEW: "REVIEW#call:1",
  SLOT: "SLOT#0123456789abcdef0123456789abcdef#app",
  PERSON: "PERSON#dev",
  SESSION: "SESSION#ecs-execute-command-0123",
  TEXT: `TEXT#${"0".repeat(64)}`,
  DAY: "DAY#2026-11-30#0",
  DUE: "DUE#2026-11-30T20:00Z",
  WATCH: "WATCH#111122223333#2026-11-30",
  WATCHED: "WATCHED#call:1",
  TOUCHED: "WATCHED#item:1",
  "": "ANYTHING",
};

const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "E#000001" } });
export const putting = (pk: string, ...attributes: string[]): IamRequest[] =>
  onTable("PutItem", {
    TableName: "events",
    Item: { ...key(pk), ...Object.fromEntries(attributes.map((name) => [name, {}])) },
    ConditionExpression: "attribute_not_exists(pk)",
  });
const without = (request: IamRequest, name: string): IamRequest => {
  const { [name]: _, ...context } = request.context;
  return { ...request, context };
};
export const rowOf = (action: string, table: string, pk: string, index?: string): IamRequest[] =>
  action === "Scan"
    ? [{ action: "dynamodb:Scan", resource: tableArn(table), context: {} }]
    : onTable(action, {
        TableName: table,
        IndexName: index,
        ...(action === "Query"
          ? { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: pk } } }
          : { Key: key(pk) }),
      });

export function onTheRecord(name: FunctionName): Question[] {
  const own = writes[name];
  const foreign = families.flatMap((family) =>
    Object.entries(chains)
      .filter(([prefix]) => own[family]?.includes(prefix) !== true)
      .flatMap(([prefix, pk]) =>
        putting(pk, family).map((request) => ({
          what: `puts ${family} on ${prefix || "a chain of its own making"}`,
          request,
        })),
      ),
  );
  const places = Object.entries(chains)
    .filter(([prefix]) => indexed[name]?.includes(prefix) !== true)
    .filter(([prefix]) => own["place"]?.includes(prefix) !== true)
    .flatMap(([prefix, pk]) =>
      putting(pk, "chain", "seq").map((request) => ({
        what: `puts an index on ${prefix}`,
        request,
      })),
    );
  const blind = Object.entries(own).flatMap(([family, [prefix = ""]]) => {
    const attributes = family === "place" ? ["chain", "seq"] : [family];
    return putting(chains[prefix] ?? "", ...attributes).flatMap((request) => [
      { what: `puts ${family}, keys untold`, request: without(request, "dynamodb:LeadingKeys") },
      {
        what: `puts ${family}, attributes untold`,
        request: without(request, "dynamodb:Attributes"),
      },
      ...putting(chains[prefix] ?? "", ...attributes, "status").map((more) => ({
        what: `puts ${family} with an attribute more`,
        request: more,
      })),
    ]);
  });
  const blindIndex = putting(chains["DAY"] ?? "", "chain", "seq").flatMap((request) => [
    { what: "puts an index, keys untold", request: without(request, "dynamodb:LeadingKeys") },
    { what: "puts an index, attributes untold", request: without(request, "dynamodb:Attributes") },
  ]);
  const changes = [
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "PartiQLInsert",
    "PartiQLUpdate",
    "PartiQLDelete",
    "PartiQLSelect",
    "Scan",
  ].flatMap((action) =>
    rowOf(action, "events", chains["REQ"] ?? "").map((request) => ({
      what: `${action} on the record`,
      request,
    })),
  );
  const table = [
    "DeleteTable",
    "UpdateTable",
    "UpdateTimeToLive",
    "PutResourcePolicy",
    "DeleteResourcePolicy",
    "UpdateContinuousBackups",
    "RestoreTableToPointInTime",
  ].map((action) => ({
    what: `${action} of the record`,
    request: { action: `dynamodb:${action}`, resource: tableArn("events"), context: {} },
  }));
  return [...foreign, ...places, ...blind, ...blindIndex, ...changes, ...table];
}

/** Rows of lists and counters that are others', and tables that are nobody's here. */
export function besideTheRecord(name: FunctionName): Question[] {
  const named = (what: string, requests: IamRequest[]) =>
    requests.map((request) => ({ what, request }));
  const counted: readonly string[] = {
    requests: ["write", "read", "target"],
    decide: ["write", "read"],
    exec: ["write", "target"],
    projector: [],
    sweeper: [],
    watcher: [],
  }[name];
  const others = ["write", "read", "target"].filter((per) => !counted.includes(per));
  const front = counted.length > 0;
  const request = chains["REQ"] ?? "";
  const view = onTable("PutItem", { TableName: "views", Item: { ...key(request), status: {} } });
  const isTheirs = name === "watcher" ? "MARK#sweeper" : "MARK#watcher";
  const rows = ["MARK#sweeper", "RATE#write#person:dev", "REFUSED#2026-11-30T20:00Z#0"];
  return [
    ...others.flatMap((per) =>
      named(`counts for ${per}`, rowOf("UpdateItem", "state", `RATE#${per}#person:dev`)),
    ),
    ...(name === "sweeper"
      ? []
      : named("moves the mark", rowOf("UpdateItem", "state", "MARK#sweeper"))),
    ...(name === "sweeper"
      ? []
      : named("reads the mark", rowOf("GetItem", "state", "MARK#sweeper"))),
    ...named("moves another's mark", rowOf("UpdateItem", "state", isTheirs)),
    ...named("reads another's mark", rowOf("GetItem", "state", isTheirs)),
    ...(front ? [] : named("counts a refusal", rowOf("UpdateItem", "state", rows[2] ?? ""))),
    ...(name === "sweeper"
      ? []
      : named("reads counted refusals", rowOf("Query", "state", rows[2] ?? ""))),
    ...named("reads another's counters", rowOf("Query", "state", rows[1] ?? "")),
    ...named("reads another's counter", rowOf("GetItem", "state", rows[1] ?? "")),
    ...named("makes a row of its own", rowOf("UpdateItem", "state", "OTHER#1")),
    ...rows.flatMap((row) =>
      ["PutItem", "DeleteItem", "Scan"].flatMap((action) =>
        named(`${action} of ${row}`, rowOf(action, "state", row)),
      ),
    ),
    ...["UpdateItem", "GetItem", "Query"].flatMap((action) =>
      named(
        `${action} on the counters, keys untold`,
        rowOf(action, "state", rows[0] ?? "").map((one) => without(one, "dynamodb:LeadingKeys")),
      ),
    ),
    ...(name === "projector" ? [] : named("writes the lists", view)),
    ...(name === "requests"
      ? []
      : named("reads the lists", rowOf("Query", "views", "pending", "byStatus"))),
    ...["UpdateItem", "DeleteItem", "BatchWriteItem", "Scan"].flatMap((action) =>
      named(`${action} on the lists`, rowOf(action, "views", request)),
    ),
    ...["Query", "GetItem", "BatchGetItem", "ConditionCheckItem", "PutItem", "UpdateItem"].flatMap(
      (action) =>
        [
          "REQ#1",
          "RATE#write#person:dev",
          "REFUSED#1",
          "MARK#sweeper",
          "MARK#watcher",
          "TEXT#1",
        ].flatMap((row) =>
          named(
            `${action} on another's table`,
            action === "PutItem"
              ? onTable(action, { TableName: "payroll", Item: { ...key(row), asked: {} } })
              : rowOf(action, "payroll", row),
          ),
        ),
    ),
    // A put that its own policy would allow, if it were on the record.
    ...Object.entries(writes[name]).flatMap(([family, [prefix = ""]]) =>
      named(
        `puts ${family} on another's table`,
        putting(chains[prefix] ?? "", ...(family === "place" ? ["chain", "seq"] : [family])).map(
          (one) => ({ ...one, resource: tableArn("payroll") }),
        ),
      ),
    ),
    ...named(
      "puts an index on another's table",
      putting(chains["DAY"] ?? "", "chain", "seq").map((one) => ({
        ...one,
        resource: tableArn("payroll"),
      })),
    ),
    ...(name === "projector"
      ? named("reads the locks", rowOf("Query", "events", "LOCK")).concat(
          named(
            "reads the record, keys untold",
            rowOf("Query", "events", request).map((one) => without(one, "dynamodb:LeadingKeys")),
          ),
        )
      : []),
  ];
}
