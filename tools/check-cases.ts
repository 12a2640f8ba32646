/**
 * Checks that each case of docs/cases.md has a test whose name begins with its number, and that no test
 * claims a number that is not there.
 *
 *   node tools/check-cases.ts [--report]
 *
 * With --report it lists each case with its tests and fails for nothing but unknown numbers.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { testNames } from "./cases/test-names.ts";

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

/** Which tests each case has, and what is wrong. */
export function checkCases(
  cases: readonly string[],
  tests: readonly Named[],
): { found: Map<string, Named[]>; missing: string[]; unknown: string[] } {
  const found = new Map<string, Named[]>(cases.map((number) => [number, []]));
  const unknown: string[] = [];
  for (const test of tests) {
    for (const number of numbersOf(test.name)) {
      const of = found.get(number);
      if (of === undefined) unknown.push(`${test.file}:${test.line}: no case is called ${number}`);
      else of.push(test);
    }
  }
  const missing = [...found].filter(([, of]) => of.length === 0).map(([number]) => number);
  return { found, missing, unknown };
}

/** Every test of the folder by its name, with where it stands. */
function testsIn(root: string): Named[] {
  return readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".test.ts"))
    .toSorted()
    .flatMap((path) => {
      const file = join("test", path);
      return testNames(readFileSync(join(root, file), "utf8")).map((of) => ({ file, ...of }));
    });
}

function main(): number {
  const report = process.argv.includes("--report");
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const cases = registered(readFileSync(join(root, "docs/cases.md"), "utf8"));
  const { found, missing, unknown } = checkCases(cases, testsIn(root));
  if (report) {
    for (const [number, of] of found) {
      console.log(`${number} ${of.length === 0 ? "-" : ""}`.trimEnd());
      for (const { file, line, name } of of) console.log(`    ${file}:${line} ${name}`);
    }
    console.log(`${cases.length - missing.length} of ${cases.length} cases have a test`);
  }
  for (const problem of unknown) console.error(`error: ${problem}`);
  if (!report && missing.length > 0)
    console.error(`error: no test's name begins with ${missing.join(", ")}`);
  if (cases.length === 0) console.error("error: docs/cases.md lists no case");
  return unknown.length > 0 || cases.length === 0 || (!report && missing.length > 0) ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
