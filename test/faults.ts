import { parseArgs } from "node:util";
import { choose } from "../tools/choose.ts";
import { casesOf, type Outcome, operationsOf, runBroken } from "./world/fault-run.ts";
import { nameOf } from "./world/faulty.ts";
import { paths } from "./world/paths.ts";

/**
 * `npm run test:faults -- [--path NAME] [--seed N]`: breaks every call of a port on every path in every way, and
 * checks after each that everything holds. Prints operation × fault × outcome, and exits 1 where anything does not,
 * 2 where nothing was broken.
 */
const { values } = parseArgs({ options: { seed: { type: "string" }, path: { type: "string" } } });
const fail = (what: string): never => {
  console.error(`error: ${what}`);
  process.exit(2);
};
if (!/^\d{1,15}$/.test(values.seed ?? "0")) fail("--seed takes a whole number");
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const found = choose(paths, values.path === undefined ? undefined : [values.path], "whole");
const chosen = "error" in found ? fail(found.error) : found.chosen;
console.log(`seed ${seed}`);

const wrong: Outcome[] = [];
let cases = 0;
for (const path of chosen) {
  const seen = await operationsOf(path, seed);
  const faults = casesOf(seen);
  console.log(`\n${path.name}: ${seen.length} operations`);
  if (faults.length === 0) fail(`${path.name} calls nothing that could be broken`);
  for (const { spot, mode } of faults) {
    const outcome = await runBroken(path, spot, mode, seed);
    cases += 1;
    const verdict = outcome.violations.length === 0 ? "holds" : "VIOLATED";
    console.log(
      `  ${nameOf(spot).padEnd(44)} ${mode.padEnd(13)} ${verdict}  ${outcome.told.join(" → ")}`,
    );
    for (const violation of outcome.violations) console.log(`      ${violation}`);
    if (outcome.violations.length > 0) wrong.push(outcome);
  }
}
const count = wrong.reduce((sum, { violations }) => sum + violations.length, 0);
console.log(`\n${chosen.length} paths, ${cases} faults: ${count} violations (seed ${seed})`);
process.exit(count === 0 ? 0 : 1);
