/**
 * Compares the text of the ExecuteCommand API reference with the fixture that the seed test takes its names
 * from: every request field and whether it is required, every response field, every error and its status.
 * It prevents the test from covering an API that is not the one documented.
 *
 *   node tools/check-seed.ts PATH-OF-THE-TEXT
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Reference {
  action: string;
  request: string[];
  required: string[];
  /** Members of an object as `object.member`. */
  response: string[];
  errors: { [name: string]: number };
  /** Those of every action: the text only refers to them, and only whether it does is compared. */
  commonErrors: { [name: string]: number };
}

type Parts = Omit<Reference, "commonErrors"> & { refersToCommonErrors: boolean };

/**
 * The names in the text. Each is read twice where it stands twice, in a syntax and in a section of its own;
 * throws where the two differ or a section is missing, for then the text was not understood.
 */
export function readReference(text: string): Parts {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const section = (from: string, to: string): string[] => {
    const start = lines.indexOf(from);
    const end = lines.indexOf(to, start + 1);
    if (start < 0 || end < 0) throw new Error(`no section from "${from}" to "${to}"`);
    return lines.slice(start + 1, end);
  };
  const action = /^(\w+) - /.exec(lines.find((line) => line !== "") ?? "")?.[1];
  if (action === undefined) throw new Error("the text does not begin with an action's name");

  const request = membersOf(section("Request Syntax", "Request Parameters"));
  const parameters = described(section("Request Parameters", "Response Syntax"));
  agree(
    "request",
    request,
    parameters.map(({ name }) => name),
  );
  const response = membersOf(section("Response Syntax", "Response Elements"));
  const elements = described(section("Response Elements", "Errors")).map(({ name }) => name);
  agree("response", [...new Set(response.map((path) => path.split(".")[0] ?? ""))], elements);

  const errorLines = section("Errors", "See Also");
  return {
    action,
    request,
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    response,
    errors: errorsIn(errorLines),
    refersToCommonErrors: errorLines.some((line) => line.includes("Common Errors")),
  };
}

/** The paths of a syntax such as `{ "a": "string", "b": { "c": boolean } }`. */
function membersOf(lines: string[]): string[] {
  const quoted = lines.join(" ").replaceAll(/:\s*(boolean|number|string)\b/g, ': "$1"');
  const paths = (value: unknown, at: string): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([name, inner]) =>
          paths(inner, at === "" ? name : `${at}.${name}`),
        )
      : [at];
  return paths(JSON.parse(quoted), "").toSorted();
}

/** Members in words: a name alone on its line, and before the next one its type and whether it is required. */
function described(lines: string[]): { name: string; required: boolean }[] {
  const found: { name: string; required: boolean; typed: boolean }[] = [];
  for (const line of lines) {
    const current = found.at(-1);
    if (/^[a-z][A-Za-z]*$/.test(line)) found.push({ name: line, required: false, typed: false });
    else if (current !== undefined && line.startsWith("Type:")) current.typed = true;
    else if (current !== undefined && line === "Required: Yes") current.required = true;
  }
  return found.filter(({ typed }) => typed);
}

function errorsIn(lines: string[]): { [name: string]: number } {
  const errors: { [name: string]: number } = {};
  let current: string | undefined;
  for (const line of lines) {
    if (/^[A-Z][A-Za-z]+$/.test(line)) {
      if (current !== undefined) throw new Error(`no status after ${current}`);
      current = line;
    }
    const status = /^HTTP Status Code: (\d{3})$/.exec(line)?.[1];
    if (status === undefined) continue;
    if (current === undefined) throw new Error(`a status ${status} of no error`);
    errors[current] = Number(status);
    current = undefined;
  }
  if (current !== undefined) throw new Error(`no status after ${current}`);
  return errors;
}

function agree(what: string, syntax: string[], words: string[]): void {
  const [a, b] = [syntax, words].map((names) => names.toSorted().join(", "));
  if (a !== b) throw new Error(`the ${what} has ${a} in its syntax and ${b} in words`);
}

/** Where text and fixture differ, one sentence each; empty if nowhere. */
export function checkSeed(text: string, fixture: Reference): string[] {
  const parts = readReference(text);
  const problems: string[] = [];
  const compare = (what: string, inText: string[], inFixture: string[]): void => {
    for (const name of inText) {
      if (!inFixture.includes(name)) problems.push(`${what} ${name} is not in the fixture`);
    }
    for (const name of inFixture) {
      if (!inText.includes(name)) problems.push(`${what} ${name} is not in the text`);
    }
    if (new Set(inFixture).size < inFixture.length) problems.push(`${what}: a name stands twice`);
  };
  const withStatus = (errors: { [name: string]: number }): string[] =>
    Object.entries(errors).map(([name, status]) => `${name} (${status})`);
  compare("action", [parts.action], [fixture.action]);
  compare("request field", parts.request, fixture.request);
  compare("required field", parts.required, fixture.required);
  compare("response field", parts.response, fixture.response);
  compare("error", withStatus(parts.errors), withStatus(fixture.errors));
  if (parts.refersToCommonErrors !== Object.keys(fixture.commonErrors).length > 0) {
    problems.push("text and fixture do not agree on whether there are common errors");
  }
  return problems;
}

function main(path: string | undefined): number {
  if (path === undefined) {
    console.error("usage: node tools/check-seed.ts PATH-OF-THE-TEXT");
    return 2;
  }
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const name = "test/fixtures/execute-command-reference.json";
  let problems: string[];
  const fixture = JSON.parse(readFileSync(join(root, name), "utf8")) as Reference;
  try {
    problems = checkSeed(readFileSync(path, "utf8"), fixture);
  } catch (error) {
    console.error(`${path}: error: ${(error as Error).message}`);
    return 1;
  }
  for (const problem of problems) console.error(`${name}: error: ${problem}`);
  if (problems.length > 0) return 1;
  const errors = Object.keys(fixture.errors);
  console.log(`${fixture.action}: text and fixture name the same`);
  console.log(`  request fields (${fixture.request.length}): ${fixture.request.join(", ")}`);
  console.log(`  of which required (${fixture.required.length}): ${fixture.required.join(", ")}`);
  console.log(`  response fields (${fixture.response.length}): ${fixture.response.join(", ")}`);
  console.log(`  errors (${errors.length}): ${errors.join(", ")}`);
  console.log(
    `  and ${Object.keys(fixture.commonErrors).length} common errors, which the text refers to and does not name`,
  );
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv[2]);
