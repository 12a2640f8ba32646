import type { Json, JsonObject } from "./canonical-json.ts";
import type { Issue } from "./errors.ts";

export interface JsonLimits {
  /** Deepest nesting of arrays and objects. */
  depth: number;
  /** How many problems are reported before the rest is left unread. */
  issues: number;
}

/** `at` is the character, from 0 on, at which reading stopped. */
export type StrictJson =
  | { kind: "value"; value: Json }
  | { kind: "invalid"; issues: Issue[]; at: number };

/**
 * Parses JSON (RFC 8259) of which every reader makes the same value, and nothing else. Besides what is
 * not JSON at all, these are refused, each with a JSON pointer (RFC 6901): a name that stands twice in an
 * object, the name `__proto__`, nesting deeper than the limit, a number beyond ±(2^53 − 1) or too small
 * for a double, NUL and lone surrogates in strings however they are written, a byte order mark.
 *
 * One pass, in time linear to the text. What it accepts is what JSON.parse makes of it. Never throws.
 */
export function parseStrictJson(text: string, limits: Partial<JsonLimits> = {}): StrictJson {
  const reading: Reading = {
    text,
    limits: { depth: 32, issues: 16, ...limits },
    at: 0,
    path: [],
    issues: [],
  };
  try {
    const value = readDocument(reading);
    if (reading.issues.length === 0) return { kind: "value", value };
  } catch (error) {
    if (error !== STOP) throw error;
  }
  return { kind: "invalid", issues: reading.issues, at: reading.at };
}

/** Thrown when nothing more can be read, or need be: the issues say why. */
const STOP = new Error("the text is not read any further");

/** One text, and where in it we are. */
interface Reading {
  readonly text: string;
  readonly limits: JsonLimits;
  at: number;
  /** Names and positions that lead to the value being read. */
  readonly path: (string | number)[];
  readonly issues: Issue[];
}

const LITERALS: [string, null | boolean][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function readDocument(r: Reading): Json {
  if (r.text.startsWith("\uFEFF")) stop(r, "a byte order mark is no JSON");
  const value = readValue(r);
  skipSpace(r);
  if (r.at < r.text.length) unexpected(r, "the end");
  return value;
}

function readValue(r: Reading): Json {
  skipSpace(r);
  const char = r.text.charAt(r.at);
  if (char === "{" || char === "[") {
    if (r.path.length >= r.limits.depth) stop(r, `nested deeper than ${r.limits.depth}`);
    r.at += 1;
    return char === "{" ? readObject(r) : readArray(r);
  }
  if (char === '"') return readString(r);
  for (const [literal, value] of LITERALS) {
    if (!r.text.startsWith(literal, r.at)) continue;
    r.at += literal.length;
    return value;
  }
  return readNumber(r);
}

/** The text after `{`. */
function readObject(r: Reading): JsonObject {
  const object: JsonObject = {};
  if (takes(r, "}")) return object;
  do {
    skipSpace(r);
    if (r.text.charAt(r.at) !== '"') unexpected(r, "a name in double quotes");
    const name = readString(r);
    r.path.push(name);
    const reserved = name === "__proto__";
    const twice = Object.hasOwn(object, name);
    if (reserved) report(r, "this name is not allowed");
    if (twice) report(r, "this name stands here twice");
    if (!takes(r, ":")) unexpected(r, "`:`");
    const value = readValue(r);
    if (!reserved) object[name] = value;
    r.path.pop();
  } while (takes(r, ","));
  if (!takes(r, "}")) unexpected(r, "`,` or `}`");
  return object;
}

/** The text after `[`. */
function readArray(r: Reading): Json[] {
  const array: Json[] = [];
  if (takes(r, "]")) return array;
  do {
    r.path.push(array.length);
    array.push(readValue(r));
    r.path.pop();
  } while (takes(r, ","));
  if (!takes(r, "]")) unexpected(r, "`,` or `]`");
  return array;
}

/** A string, from its opening quote. */
function readString(r: Reading): string {
  const start = r.at;
  let escaped = false;
  for (;;) {
    r.at += 1;
    const unit = r.text.charCodeAt(r.at);
    if (unit === 0x22) break;
    if (unit === 0x5c) {
      escaped = true;
      readEscape(r);
    } else if (!(unit >= 0x20)) {
      // Past the end of the text the unit is NaN, which lands here as well.
      unexpected(r, "the rest of a string");
    }
  }
  r.at += 1;
  const token = r.text.slice(start, r.at);
  const value = escaped ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (value.includes("\0")) report(r, "NUL is not allowed in a string");
  if (!value.isWellFormed()) report(r, "half a surrogate pair is no character");
  return value;
}

/** Moves from a backslash to the last character of its escape. */
function readEscape(r: Reading): void {
  r.at += 1;
  const kind = r.text.charAt(r.at);
  if (kind === "u") {
    if (!/^[0-9a-fA-F]{4}$/.test(r.text.slice(r.at + 1, r.at + 5))) {
      unexpected(r, "four hexadecimal digits");
    }
    r.at += 4;
  } else if (kind === "" || !'"\\/bfnrt'.includes(kind)) {
    unexpected(r, "an escape that JSON has");
  }
}

function readNumber(r: Reading): number {
  NUMBER.lastIndex = r.at;
  const token = NUMBER.exec(r.text)?.[0];
  if (token === undefined) return unexpected(r, "a value");
  r.at += token.length;
  const value = Number(token);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    report(r, "a number beyond 2^53 - 1 is not the same to every reader");
  } else if (value === 0 && /^[^eE]*[1-9]/.test(token)) {
    report(r, "a number too small to be told from 0");
  }
  return value;
}

function skipSpace(r: Reading): void {
  while (r.at < r.text.length && " \t\n\r".includes(r.text.charAt(r.at))) r.at += 1;
}

function takes(r: Reading, char: string): boolean {
  skipSpace(r);
  if (r.text.charAt(r.at) !== char) return false;
  r.at += 1;
  return true;
}

function report(r: Reading, detail: string): void {
  const pointer = r.path
    .map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  r.issues.push({ pointer, detail });
  if (r.issues.length >= r.limits.issues) throw STOP;
}

function stop(r: Reading, detail: string): never {
  report(r, detail);
  throw STOP;
}

function unexpected(r: Reading, wanted: string): never {
  const ends = r.at >= r.text.length;
  return stop(
    r,
    ends ? `the text ends; expected ${wanted}` : `expected ${wanted} at character ${r.at}`,
  );
}
