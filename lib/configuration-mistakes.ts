import type * as z from "zod";
import { nearestName } from "../core/nearest-name.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** As much of a JSON Schema as is looked at. */
interface Field {
  description?: string;
  properties?: { [name: string]: Field };
  items?: Field;
  anyOf?: Field[];
  oneOf?: Field[];
}

/**
 * A line for each mistake in a configuration: where it is, what is wrong with what stands there, and how to mend it.
 * What a field says of its own comes from its schema, so that a new field needs nothing here.
 */
export function mistakesIn(issues: Issue[], value: unknown, schema: object): string[] {
  return issues.flatMap((issue) => {
    const at = whatStandsAt(value, issue.path);
    if (issue.code === "unrecognized_keys") {
      const known = Object.keys(propertiesOf(fieldAt(schema, issue.path)));
      return issue.keys.map((key) => line([...issue.path, key], unknownField(key, known)));
    }
    if (issue.code === "invalid_union") {
      // Of what it could have been, that which is the least wrong.
      const [nearest] = issue.errors.toSorted((a, b) => a.length - b.length);
      const within = nearest?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) ?? [];
      if (within.length > 0) return mistakesIn(within, value, schema);
    }
    return [line(issue.path, whatIsWrong(issue, at, fieldAt(schema, issue.path)))];
  });
}

function line(path: Path, what: string): string {
  return `${path.length === 0 ? "configuration" : path.map(String).join(".")}: ${what}`;
}

function unknownField(key: string, known: string[]): string {
  const meant = nearestName(key, known);
  const instead = meant === undefined ? `here are ${known.join(", ")}` : `did you mean ${meant}?`;
  return `there is no such field; ${instead}`;
}

function whatIsWrong(issue: Issue, at: unknown, field: Field | undefined): string {
  if (at === undefined && issue.code === "invalid_type") {
    return `is missing. ${field?.description ?? `It has to be ${kindOf(issue.expected)}.`}`;
  }
  const { message } = issue;
  if (issue.code === "invalid_type") {
    if (issue.expected === "int") return `${shown(at)} is not a whole number`;
    return `${shown(at)} is not ${kindOf(issue.expected)}${toQuote(issue.expected, at)}`;
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map(String);
    const meant = typeof at === "string" ? nearestName(at, values) : undefined;
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    return `${shown(at)} is not one of ${values.join(", ")}${hint}`;
  }
  // A field's own words for its limits go before these.
  const isPlain = message.startsWith("Too ");
  if (issue.code === "too_small" && isPlain) {
    return `${shown(at)} is too small: ${issue.minimum} is the least`;
  }
  if (issue.code === "too_big" && isPlain) {
    return `${shown(at)} is too big: ${issue.maximum} is the most`;
  }
  return message.startsWith("not ") ? `${shown(at)} is ${message}` : message;
}

const kinds: { [expected: string]: string } = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list in [ ]",
  object: "an object in { }",
};

function kindOf(expected: string): string {
  return kinds[expected] ?? expected;
}

/** An account's id is text in JSON, though it looks like a number. */
function toQuote(expected: string, at: unknown): string {
  return expected === "string" && typeof at === "number" ? ": put it in quotes" : "";
}

/** The value as it is written, cut where it is long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function whatStandsAt(value: unknown, path: Path): unknown {
  return path.reduce(
    (at, key) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, key)
        ? (at as { [key: PropertyKey]: unknown })[key]
        : undefined,
    value,
  );
}

function propertiesOf(field: Field | undefined): { [name: string]: Field } {
  const own = [...(field?.anyOf ?? []), ...(field?.oneOf ?? [])].map(propertiesOf);
  return Object.assign({}, ...own, field?.properties);
}

function fieldAt(schema: Field, path: Path): Field | undefined {
  return path.reduce<Field | undefined>(
    (field, key) => (typeof key === "number" ? field?.items : propertiesOf(field)[String(key)]),
    schema,
  );
}
