import { LAST_RESORT } from "./last-resort-role.ts";
import { ROLE_PATH } from "./roles.ts";
import { readSsmTarget } from "./target.ts";

/*
 * Who goes into containers around the gateway: calls that CloudTrail recorded and that the guardrail would refuse
 * once it is enforced. They come as CloudTrail's own records, or as the lines the gateway's stack logs of them.
 */

/** By whom such a call is no way round: patterns of a role's ARN, `*` for any text. */
export const NOT_AROUND = [
  `arn:*:iam::*:role${ROLE_PATH}sallyport-exec`,
  "arn:*:iam::*:role/aws-service-role/*",
];

/** What a target of Session Manager begins with that is a container, and an id of a session that ECS Exec began. */
export const CONTAINER_TARGET = "ecs:";
export const EXEC_SESSION = "ecs-execute-command-";

export interface AroundCall {
  /** Of CloudTrail's record: the same event can be delivered twice. */
  eventId: string;
  at: string;
  account: string;
  region: string;
  operation: string;
  /** ARN of the user, or of the session of a role. */
  who: string;
  /** ARN of the role, where it is a session of one. */
  role: string;
  /** What AWS refused it with; empty where it did not. */
  error: string;
  /** The cluster, or the session that is resumed. */
  where: string;
}

/**
 * The fields of a logged line, in their order, each with where it stands in a record of CloudTrail. What the caller
 * chose is last: it could hold anything. The command is none of them: what it holds could not be erased here.
 */
export const AROUND_FIELDS = [
  ["event", "eventID"],
  ["at", "eventTime"],
  ["operation", "eventName"],
  ["account", "recipientAccountId"],
  ["region", "awsRegion"],
  ["by", "userIdentity.arn"],
  ["role", "userIdentity.sessionContext.sessionIssuer.arn"],
  ["error", "errorCode"],
  ["session", "requestParameters.sessionId"],
  ["target", "requestParameters.target"],
  ["cluster", "requestParameters.cluster"],
] as const;

const LINE = new RegExp(
  `^${AROUND_FIELDS.map(([name], i) => `${name}=(${i < 8 ? "\\S*" : ".*?"})`).join(" ")}$`,
);

/** A call of a line that the gateway's stack logged; undefined for any other line. */
export function callOfLine(line: string): AroundCall | undefined {
  const found = LINE.exec(line.trim());
  if (found === null) return undefined;
  const [, eventId = "", at = "", operation = "", account = "", region = "", who = ""] = found;
  const [, , , , , , , role = "", error = "", session = "", target = "", cluster = ""] = found;
  const where = whereOf(operation, { session, target, cluster });
  return { eventId, at, operation, account, region, who, role, error, where };
}

/** A call of a record of CloudTrail; undefined where it is no way into a container around the gateway. */
export function callOfRecord(record: unknown): AroundCall | undefined {
  const text = (path: string): string => {
    let value: unknown = record;
    for (const name of path.split(".")) {
      value =
        typeof value === "object" && value !== null
          ? (value as { [name: string]: unknown })[name]
          : undefined;
    }
    return typeof value === "string" ? value : "";
  };
  const [eventId, at, operation, account, region, who, role, error, session, target, cluster] =
    AROUND_FIELDS.map(([, path]) => text(path)) as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
  if (!isWayIn(operation, { session, target })) return undefined;
  // A service's own call is none that a policy of the organization binds.
  if (text("userIdentity.type") === "AWSService") return undefined;
  if (NOT_AROUND.some((pattern) => matches(pattern, role))) return undefined;
  const where = whereOf(operation, { session, target, cluster });
  return { eventId, at, operation, account, region, who, role, error, where };
}

/** One row of the report: who, by which call, where, how often, and what becomes of it once it is enforced. */
export interface AroundRow {
  who: string;
  account: string;
  where: string;
  operation: string;
  calls: number;
  /** Of those, how many AWS refused. */
  refused: number;
  first: string;
  last: string;
  enforced: "refused" | "last resort";
}

/** The calls by who made them and where, the most frequent first. A call that is there twice counts once. */
export function aroundReport(calls: readonly AroundCall[]): AroundRow[] {
  const seen = new Set<string>();
  const rows = new Map<string, AroundRow>();
  for (const call of calls) {
    if (call.eventId !== "" && seen.has(call.eventId)) continue;
    seen.add(call.eventId);
    const { who, account, where, operation, at } = call;
    const key = JSON.stringify([who, account, where, operation]);
    const row = rows.get(key) ?? {
      who,
      account,
      where,
      operation,
      calls: 0,
      refused: 0,
      first: at,
      last: at,
      enforced: call.role.endsWith(`:role${ROLE_PATH}${LAST_RESORT}`) ? "last resort" : "refused",
    };
    row.calls += 1;
    if (call.error !== "") row.refused += 1;
    if (at < row.first) row.first = at;
    if (at > row.last) row.last = at;
    rows.set(key, row);
  }
  return [...rows.values()].toSorted(
    (a, b) => b.calls - a.calls || (a.who < b.who ? -1 : a.who > b.who ? 1 : 0),
  );
}

function isWayIn(operation: string, of: { session: string; target: string }): boolean {
  if (operation === "ExecuteCommand") return true;
  if (operation === "StartSession") return of.target.startsWith(CONTAINER_TARGET);
  return operation === "ResumeSession" && of.session.startsWith(EXEC_SESSION);
}

function whereOf(
  operation: string,
  { session, target, cluster }: { session: string; target: string; cluster: string },
): string {
  if (operation === "ResumeSession") return session;
  if (operation === "ExecuteCommand") return cluster === "" ? "default" : lastPart(cluster);
  return readSsmTarget(target)?.clusterName ?? target;
}

function lastPart(arnOrName: string): string {
  return arnOrName.slice(arnOrName.lastIndexOf("/") + 1);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}
