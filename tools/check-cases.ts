/**
 * Checks that each case of docs/cases.md has a test whose name begins with its number, that no test claims a
 * number that is not there, that no number was dropped from the register, that no test of a case is skipped, and
 * that each has one that looks at the record or the wire, or says in tools/cases/without-effect.ts why not.
 *
 *   node tools/check-cases.ts [--report]
 *
 * With --report it lists each case with its tests first.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { required } from "./cases/required.ts";
import { skipsIn } from "./cases/skips.ts";
import { testNames } from "./cases/test-names.ts";
import { withoutEffect } from "./cases/without-effect.ts";

/** The numbers of the register, in its order: its list items begin with `- **T14** `. */
export function registered(markdown: string): string[] {
  return [...markdown.matchAll(/^- \*\*(T\d{2})\*\* \S/gm)].map(([, number = ""]) => number);
}

/** The numbers a test's name begins with: `T14 …`, or `T14, T15: …`. */
export function numbersOf(name: string): string[] {
  const [claimed = ""] = /^T\d{2}(?:, T\d{2})*(?=[\s:])/.exec(name) ?? [];
  return claimed === "" ? [] : claimed.split(", ");
}

export interface Named {
  file: string;
  line: number;
  name: string;
}

/** Where the kit sees to it that a test of a case looks (test/kit/looks.ts). */
const LOOKED_AT = /^test\/(?:e2e|world|wire)\//;

/** Which tests each case has, and what is wrong, one sentence each. */
export function checkCases(
  cases: readonly string[],
  tests: readonly Named[],
  rules: { required: readonly string[]; withoutEffect: { [number: string]: string } },
): { found: Map<string, Named[]>; problems: string[] } {
  const found = new Map<string, Named[]>(cases.map((number) => [number, []]));
  const problems: string[] = [];
  for (const number of rules.required) {
    if (!found.has(number)) problems.push(`docs/cases.md: ${number} is gone`);
  }
  for (const number of cases) {
    if (rules.required.includes(number)) continue;
    problems.push(`docs/cases.md: ${number} is not in tools/cases/required.ts`);
  }
  for (const test of tests) {
    for (const number of numbersOf(test.name)) {
      const of = found.get(number);
      if (of !== undefined) of.push(test);
      else problems.push(`${test.file}:${test.line}: no case is called ${number}`);
    }
  }
  for (const [number, of] of found) {
    if (of.length === 0) problems.push(`no test's name begins with ${number}`);
    else if (
      rules.withoutEffect[number] === undefined &&
      !of.some(({ file }) => LOOKED_AT.test(file))
    ) {
      const where = of.map(({ file, line }) => `${file}:${line}`).join(", ");
      problems.push(`${number} has no test that looks at the record or the wire: ${where}`);
    }
  }
  for (const number of Object.keys(rules.withoutEffect)) {
    if (!found.has(number)) problems.push(`tools/cases/without-effect.ts: no case is ${number}`);
  }
  return { found, problems };
}

/** What keeps tests of cases from running: in a file with one, no test may be skipped. */
export function skippedCases(file: string, source: string): string[] {
  if (!testNames(source).some(({ name }) => numbersOf(name).length > 0)) return [];
  return skipsIn(source).map(
    ({ line, text }) => `${file}:${line}: ${text} in a file with a case, which may then not run`,
  );
}

function main(): number {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const cases = registered(readFileSync(join(root, "docs/cases.md"), "utf8"));
  const sources = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .toSorted()
    .map((path) => ({
      file: join("test", path),
      source: readFileSync(join(root, "test", path), "utf8"),
    }));
  const tests = sources.flatMap(({ file, source }) =>
    testNames(source).map((of) => ({ file, ...of })),
  );
  const { found, problems } = checkCases(cases, tests, { required, withoutEffect });
  problems.push(...sources.flatMap(({ file, source }) => skippedCases(file, source)));
  if (process.argv.includes("--report")) {
    for (const [number, of] of found) {
      console.log(`${number} ${of.length === 0 ? "-" : ""}`.trimEnd());
      for (const { file, line, name } of of) console.log(`    ${file}:${line} ${name}`);
    }
  }
  for (const problem of problems) console.error(`error: ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
