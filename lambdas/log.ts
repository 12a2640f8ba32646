import { Logger } from "@aws-lambda-powertools/logger";

/**
 * The only fields that are ever logged. A list of what may be written, not of what may not: an event, a
 * body, a header or an answer has no way into a log line.
 */
export interface LogFields {
  function?: string;
  route?: string;
  status?: number;
  code?: string;
  call?: string;
  requestId?: string;
  chain?: string;
  seq?: number;
  attempt?: number;
  sessionId?: string;
  durationMs?: number;
  count?: number;
  tries?: number;
}

export interface Log {
  info(message: string, fields: LogFields): void;
  /** With the error's names, codes and messages down its chain of causes, cut to a bounded length. */
  error(message: string, fields: LogFields, error: unknown): void;
}

const names: readonly (keyof LogFields)[] = [
  "function",
  "route",
  "status",
  "code",
  "call",
  "requestId",
  "chain",
  "seq",
  "attempt",
  "sessionId",
  "durationMs",
  "count",
  "tries",
];

/** Copies the listed fields and nothing else, whatever the object at run time holds. */
export function allowed(fields: LogFields): LogFields {
  const out: { [name: string]: unknown } = {};
  for (const name of names) {
    const value = fields[name];
    if (value !== undefined) out[name] = typeof value === "string" ? value.slice(0, 300) : value;
  }
  return out;
}

/** The chain of causes as text: name and message of each, at most five, each at most 500 characters. */
export function causes(error: unknown): string[] {
  const lines: string[] = [];
  let current: unknown = error;
  while (current !== undefined && current !== null && lines.length < 5) {
    const line = current instanceof Error ? `${current.name}: ${current.message}` : typeof current;
    lines.push(line.slice(0, 500));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}

/** Structured lines for CloudWatch. */
export function lambdaLog(serviceName: string): Log {
  const logger = new Logger({ serviceName });
  return {
    info: (message, fields) => logger.info(message, { ...allowed(fields) }),
    error: (message, fields, error) =>
      logger.error(message, { ...allowed(fields), causes: causes(error) }),
  };
}
