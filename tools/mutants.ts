/**
 * Breaks a copy of the tree in the ways of tools/mutants/, one after the other, and fails where the tests named
 * there do not notice. A TEXT that is in no mutant's name is an error, exit 2.
 *
 *   node tools/mutants.ts [--only TEXT,…] [--seed N] [--runs N]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { choose } from "./choose.ts";
import { type Mutant, mutants } from "./mutants/mutants.ts";

/** The file with the defect in it. Throws where what it replaces does not stand there exactly once. */
export function mutated(source: string, { name, file, search, replace }: Mutant): string {
  const [before, after, ...more] = source.split(search);
  if (before === undefined || after === undefined || more.length > 0) {
    const times = more.length > 0 ? "more than once" : "no more";
    throw new Error(`${name}: what it replaces stands in ${file} ${times}`);
  }
  return `${before}${replace}${after}`;
}

export interface Ran {
  passed: boolean;
  /** The test that failed, whose name holds the seed where it drew any. */
  by: string | undefined;
}

/** What vitest's JSON report says: a run in which no test was run proves nothing, and is no finding either. */
export function readReport(text: string): Ran | undefined {
  const { numTotalTests, success, testResults } = JSON.parse(text) as {
    numTotalTests: number;
    success: boolean;
    testResults: { assertionResults: { status: string; fullName: string }[] }[];
  };
  const tests = testResults.flatMap((file) => file.assertionResults);
  const ran = tests.filter(({ status }) => status === "passed" || status === "failed");
  if (numTotalTests === 0 || ran.length === 0) return undefined;
  return { passed: success, by: tests.find(({ status }) => status === "failed")?.fullName };
}

const skipped = new Set([
  "node_modules",
  ".git",
  ".tsbuild",
  ".sallyport",
  "cdk.out",
  "dist",
  "coverage",
]);

function copyOf(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), "sallyport-mutants-"));
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => path === root || !skipped.has(path.slice(root.length + 1)),
  });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "dir");
  return copy;
}

function run(copy: string, suites: readonly string[], env: { [name: string]: string }): Ran {
  const report = join(copy, "mutant-report.json");
  rmSync(report, { force: true });
  const vitest = join(copy, "node_modules/vitest/vitest.mjs");
  const done = spawnSync(
    process.execPath,
    [vitest, "run", "--bail", "1", "--reporter", "json", "--outputFile", report, ...suites],
    { cwd: copy, encoding: "utf8", env: { ...process.env, ...env } },
  );
  let ran: Ran | undefined;
  try {
    ran = readReport(readFileSync(report, "utf8"));
  } catch {
    ran = undefined;
  }
  if (ran === undefined) throw new Error(`no test of ${suites.join(", ")} ran:\n${done.stderr}`);
  return ran;
}

function main(): number {
  const { values } = parseArgs({
    options: { only: { type: "string" }, seed: { type: "string" }, runs: { type: "string" } },
  });
  const seed = values.seed ?? String(Date.now() & 0x7fffffff);
  const runs = values.runs ?? "60";
  const env = { SEED: seed, MODEL_SEED: seed, MODEL_RUNS: runs, RACE_RUNS: runs };
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const found = choose(mutants, values.only?.split(","), "parts");
  if ("error" in found) {
    console.error(`error: ${found.error}`);
    return 2;
  }
  const { chosen } = found;
  const copy = copyOf(root);
  let missed = 0;
  try {
    console.log(`seed ${seed}`);
    const suites = [...new Set(chosen.flatMap((mutant) => mutant.suites))];
    const sound = run(copy, suites, env);
    if (!sound.passed) throw new Error(`a test fails without any mutant: ${sound.by ?? "?"}`);
    for (const mutant of chosen) {
      const file = join(copy, mutant.file);
      const source = readFileSync(file, "utf8");
      writeFileSync(file, mutated(source, mutant));
      const { passed, by } = run(copy, mutant.suites, env);
      writeFileSync(file, source);
      if (passed) missed += 1;
      console.log(passed ? `MISSED ${mutant.name}` : `found  ${mutant.name}\n         by ${by}`);
    }
    console.log(`${chosen.length - missed} of ${chosen.length} found, seed ${seed}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return missed > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = main();
