import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { AccessLine, AccessLog } from "../core/access-log.ts";
import { tokenKey } from "../core/principal.ts";
import { within } from "./aws-client.ts";

export interface AccessLogSettings {
  client: CloudWatchLogsClient;
  logGroupName: string;
}

const DEADLINE_MS = 15_000;
/** CloudWatch takes a pattern of 1,024 characters: ids of 16 and what stands around them. */
const CALLS_AT_ONCE = 20;
/** What API Gateway gives as an id. Of any other there is no line, and it gets into no pattern. */
const CALL = /^[A-Za-z0-9_=-]{1,40}$/;

/** The access log of API Gateway by FilterLogEvents: lines of JSON, of the members that lib/front-door.ts names. */
export function cloudwatchAccessLog({ client, logGroupName }: AccessLogSettings): AccessLog {
  return {
    async linesOf(calls, from, to) {
      const lines: AccessLine[] = [];
      const asked = [...new Set(calls)].filter((call) => CALL.test(call));
      for (let n = 0; n < asked.length; n += CALLS_AT_ONCE) {
        const some = asked.slice(n, n + CALLS_AT_ONCE);
        const filterPattern = `{ ${some.map((call) => `($.requestId = "${call}")`).join(" || ")} }`;
        let nextToken: string | undefined;
        do {
          const page = await client.send(
            new FilterLogEventsCommand({
              logGroupName,
              startTime: from,
              endTime: to,
              filterPattern,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
            within(DEADLINE_MS),
          );
          lines.push(...(page.events ?? []).flatMap(({ message }) => lineOf(message)));
          nextToken = page.nextToken;
        } while (nextToken !== undefined);
      }
      return lines;
    },
  };
}

/** A line that cannot be read witnesses nothing. */
function lineOf(message: string | undefined): AccessLine[] {
  let line: { [member: string]: unknown };
  try {
    line = JSON.parse(message ?? "") as typeof line;
  } catch {
    return [];
  }
  const text = (member: string): string => {
    const value = line?.[member];
    return typeof value === "string" ? value : "";
  };
  const call = text("requestId");
  if (call === "") return [];
  return [
    {
      call,
      route: text("route"),
      path: text("path"),
      principal: /^[0-9]{12}$/.test(text("account"))
        ? `${text("account")}:${text("caller")}`
        : tokenKey(text("issuer"), text("subject")),
      ...(/^[1-5][0-9]{2}$/.test(text("status")) ? { status: Number(text("status")) } : {}),
    },
  ];
}
