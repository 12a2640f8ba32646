import { casesOf, type Outcome, operationsOf, runBroken } from "./world/fault-run.ts";
import { nameOf } from "./world/faulty.ts";
import { paths } from "./world/paths.ts";

/**
 * `npm run test:faults`: breaks every call of a port on every path in every way, and checks after each that
 * everything holds. Prints operation × fault × outcome, and exits 1 where anything does not.
 */
const flag = process.argv.indexOf("--seed");
const seed = flag < 0 ? Date.now() % 1_000_000 : Number(process.argv[flag + 1]);
const only = process.argv.indexOf("--path");
console.log(`seed ${seed}`);

const wrong: Outcome[] = [];
let cases = 0;
for (const path of paths) {
  if (only >= 0 && path.name !== process.argv[only + 1]) continue;
  const seen = await operationsOf(path, seed);
  console.log(`\n${path.name}: ${seen.length} operations`);
  for (const { spot, mode } of casesOf(seen)) {
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
console.log(`\n${paths.length} paths, ${cases} faults: ${count} violations (seed ${seed})`);
process.exit(count === 0 ? 0 : 1);
