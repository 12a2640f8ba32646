export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/**
 * The one text of a JSON value: RFC 8785 (JCS). Members stand in the order of their UTF-16 code units,
 * numbers as ECMAScript prints them, strings with the shortest escapes.
 *
 * Throws TypeError for what has no such text: a number that is not finite, a lone surrogate, undefined,
 * an object that is no plain record. The caller has checked its input; this is the last fence.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError("canonical JSON: a number must be finite");
    return JSON.stringify(value);
  }
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`canonical JSON: no text for ${typeof value}`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError("canonical JSON: only plain objects have a text");
  }
  const members = Object.keys(value)
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((name) => `${quote(name)}:${canonicalJson(value[name] as Json)}`);
  return `{${members.join(",")}}`;
}

function quote(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("canonical JSON: a lone surrogate has no text");
  return JSON.stringify(text);
}
