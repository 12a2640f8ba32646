import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import type { LogEvent, LogGroup } from "../emulator/logs/log-group.ts";
import type { Authorized } from "./gateway-event.ts";

/** What API Gateway writes of one call, as far as anybody here reads it: lib/front-door.ts has the whole. */
export interface WrittenCall {
  requestId: string;
  route: string;
  path: string;
  status: number;
  authorizer: Authorized;
}

/** The log group that the front door writes its calls to. */
export interface LocalAccessLog extends LogGroup {
  write(at: number, call: WrittenCall): void;
}

/** The watcher looks back a day and an hour at the most. */
const KEPT_MS = 2 * 86_400_000;

/**
 * Opens the log in a file, which outlives the gateway as the record does, without what nobody reads any more. What the
 * file cannot take `failed` is told, and the call goes on: as at API Gateway.
 */
export function openAccessLog(
  file: string,
  now: number,
  failed: (error: unknown) => void,
): LocalAccessLog {
  let lines = read(file).filter(({ timestamp }) => timestamp >= now - KEPT_MS);
  writeFileSync(file, lines.map(line).join(""), { mode: 0o600 });
  return {
    between: (from, to) =>
      lines.filter(({ timestamp }) => timestamp >= from && timestamp <= to).toSorted(byTime),
    write(at, { authorizer, ...call }) {
      const event = {
        timestamp: at,
        message: JSON.stringify({ ...call, ...callerOf(authorizer) }),
      };
      if ((lines[0]?.timestamp ?? at) < at - KEPT_MS) {
        lines = lines.filter(({ timestamp }) => timestamp >= at - KEPT_MS);
      }
      lines.push(event);
      try {
        appendFileSync(file, line(event), { mode: 0o600 });
      } catch (error) {
        failed(error);
      }
    },
  };
}

/** API Gateway writes a dash for what a call has not got. */
function callerOf(authorizer: Authorized): { [member: string]: string } {
  if ("iam" in authorizer) {
    const { account, userId, userArn } = authorizer.iam;
    return { account, caller: userId, callerArn: userArn, issuer: "-", subject: "-" };
  }
  const { iss = "-", sub = "-" } = authorizer.jwt.claims;
  return { account: "-", caller: "-", callerArn: "-", issuer: iss, subject: sub };
}

function line(event: LogEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/** As far as it can be read: a gateway that was killed may have left half a line. */
function read(file: string): LogEvent[] {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return text.split("\n").flatMap((written) => {
    try {
      const event = JSON.parse(written) as LogEvent;
      return typeof event.timestamp === "number" && typeof event.message === "string"
        ? [event]
        : [];
    } catch {
      return [];
    }
  });
}

function byTime(a: LogEvent, b: LogEvent): number {
  return a.timestamp - b.timestamp;
}
