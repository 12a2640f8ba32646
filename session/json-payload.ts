import { decodeUtf8 } from "./utf8.ts";

/** No JSON of this protocol is near this long; the bound keeps a hostile agent from making us parse more. */
const LONGEST_JSON = 256 * 1024;

/** The members of a JSON object in a payload, or undefined if it is none or too long. */
export function jsonPayload(payload: Uint8Array): { [name: string]: unknown } | undefined {
  if (payload.length > LONGEST_JSON) return undefined;
  try {
    return members(JSON.parse(decodeUtf8(payload)));
  } catch {
    return undefined;
  }
}

/** The members of a value that is a JSON object, else undefined. */
export function members(value: unknown): { [name: string]: unknown } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return { ...value };
}

/** A member that is a text, else "". */
export function textMember(object: { [name: string]: unknown } | undefined, name: string): string {
  const value = object?.[name];
  return typeof value === "string" ? value : "";
}
