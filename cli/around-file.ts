import { type AroundCall, callOfLine, callOfRecord } from "../core/around.ts";
import { Failure } from "./failure.ts";

export interface AroundFile {
  calls: AroundCall[];
  /** How many records or lines it has, whatever they say. */
  read: number;
}

/**
 * The ways round the gateway in a file, in whichever form it was got: a file of CloudTrail's (`Records`), what
 * `aws cloudtrail lookup-events` prints (`Events`), what `aws logs filter-log-events` prints of the stack's log
 * (`events`), a list of records, or one record, event of EventBridge's or logged line on each line. An empty list under
 * one of the three names is what AWS answers where there was nothing. Throws Failure where it holds nothing of that.
 */
export function aroundCalls(text: string, path: string): AroundFile {
  const whole = parsed(text);
  const entries = whole === undefined ? entriesOnLines(text) : listIn(whole);
  const known = entries.filter((entry) => isEntry(entry));
  const isEmptyAnswer = whole !== undefined && !Array.isArray(whole) && entries.length === 0;
  if (known.length === 0 && !isEmptyAnswer) {
    throw new Failure(`${path} holds no record of CloudTrail and no line of the log`, {
      hint: "write one by `aws logs filter-log-events --log-group-name LOG > FILE`, or take a file of CloudTrail's from its bucket",
    });
  }
  return { calls: known.flatMap((entry) => callOf(entry) ?? []), read: known.length };
}

function entriesOnLines(text: string): unknown[] {
  return text.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    const json = parsed(line);
    return json === undefined ? [line] : listIn(json);
  });
}

/** The records or lines that a value holds, each as it is. */
function listIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  const { Records: records, Events: found, events: logged } = value as { [name: string]: unknown };
  if (Array.isArray(records)) return records;
  if (Array.isArray(found)) {
    return found.map((one) =>
      parsed(String((one as { CloudTrailEvent?: unknown }).CloudTrailEvent)),
    );
  }
  if (Array.isArray(logged)) return logged.map((one) => (one as { message?: unknown }).message);
  return [value];
}

function isEntry(entry: unknown): boolean {
  if (typeof entry === "string") return callOfLine(entry) !== undefined;
  return typeof recordIn(entry)?.["eventName"] === "string";
}

function callOf(entry: unknown): AroundCall | undefined {
  return typeof entry === "string" ? callOfLine(entry) : callOfRecord(recordIn(entry));
}

/** The record itself, out of the event that EventBridge makes of one. */
function recordIn(entry: unknown): { [name: string]: unknown } | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { detail } = entry as { detail?: unknown };
  return (typeof detail === "object" && detail !== null ? detail : entry) as {
    [name: string]: unknown;
  };
}

/** A JSON object or list; undefined for any other text. */
function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
