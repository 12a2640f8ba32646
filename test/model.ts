/**
 * More of what test/world/model/ and test/world/races.test.ts do: `npm run test:model -- --runs N [--seed S] [--wire]`.
 * Prints the seed first and last, and for a violation the shortest steps that show it. With --wire the record is in a
 * real DynamoDB engine. The races are played in so many orders each, up to a thousand: nine of them take nine times
 * as long.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, wire: { type: "boolean" } },
});
const runs = values.runs ?? "1000";
const seed = values.seed ?? String(Date.now() & 0x7fffffff);
if (![runs, seed].every((text) => /^\d{1,10}$/.test(text)) || Number(runs) === 0) {
  console.error("error: --runs and --seed take whole numbers, and no run shows nothing");
  process.exit(2);
}
const wire = values.wire === true;
const MOST_ORDERS = 1_000;
const orders = String(Math.min(Number(runs), MOST_ORDERS));
console.log(
  `${runs} runs, ${wire ? "on a real engine" : `${orders} orders of each race`}, seed ${seed}`,
);
const suites = wire
  ? ["test/wire/model.test.ts"]
  : ["test/world/model/model.test.ts", "test/world/races.test.ts"];
const root = join(import.meta.dirname, "..");
const { status } = spawnSync(
  process.execPath,
  [join(root, "node_modules/vitest/vitest.mjs"), "run", ...suites],
  {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, MODEL_RUNS: runs, RACE_RUNS: orders, MODEL_SEED: seed },
  },
);
const again = `npm run test:model -- --runs ${runs} --seed ${seed}${wire ? " --wire" : ""}`;
console.log(status === 0 ? `no violation, seed ${seed}` : `violation: repeat it with ${again}`);
process.exitCode = status === 0 ? 0 : 1;
