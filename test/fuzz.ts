/**
 * Fuzzes the handlers: `node test/fuzz.ts [--runs N] [--seed N]`. Prints the seed first; exits 1 if
 * anything was found: a 500, a slow call, memory that is kept, a route that was never reached.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fuzzHandlers } from "./kit/fuzz-handlers.ts";

const { values } = parseArgs({ options: { runs: { type: "string" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? randomInt(2 ** 31));
const runs = Number(values.runs ?? 100_000);
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(runs) || runs < 1) {
  console.error("error: --runs and --seed take whole numbers, and no run shows nothing");
  process.exit(2);
}
console.log(`seed ${seed}`);
const report = await fuzzHandlers(seed, runs);
console.log(JSON.stringify(report, null, 2));
process.exitCode = report.findings.length > 0 ? 1 : 0;
