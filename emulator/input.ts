import { AwsError } from "./aws-error.ts";
import { isObject, type JsonObject } from "./json.ts";

/*
 * Reads members of a request as the model types them. A member of another type is the protocol's
 * SerializationException, before anything is looked at; `null` is the same as absent.
 */

export function textOf(input: JsonObject, member: string): string | undefined {
  return read(input, member, (value) => (typeof value === "string" ? value : undefined));
}

export function flagOf(input: JsonObject, member: string): boolean | undefined {
  return read(input, member, (value) => (typeof value === "boolean" ? value : undefined));
}

export function integerOf(input: JsonObject, member: string): number | undefined {
  return read(input, member, (value) =>
    typeof value === "number" && Number.isInteger(value) ? value : undefined,
  );
}

export function textsOf(input: JsonObject, member: string): string[] | undefined {
  return read(input, member, (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined,
  );
}

export function objectsOf(
  input: JsonObject,
  member: string,
): { [member: string]: unknown }[] | undefined {
  return read(input, member, (value) =>
    Array.isArray(value) && value.every(isObject) ? value : undefined,
  );
}

function read<T>(
  input: JsonObject,
  member: string,
  typed: (value: unknown) => T | undefined,
): T | undefined {
  const value: unknown = Object.hasOwn(input, member) ? input[member] : undefined;
  if (value === undefined || value === null) return undefined;
  const found = typed(value);
  if (found === undefined) {
    throw new AwsError("SerializationException", `${member} is not of the type the model gives it`);
  }
  return found;
}
