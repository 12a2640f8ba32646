import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { functionEnvironments } from "../test/kit/function-environments.ts";
import { emptyHandler, functionFile, rulesEngine } from "../test/kit/load-bundles.ts";

/**
 * What a cold start of each function loads, beside an empty handler with the same SDK clients; see bench/README.md.
 * `RUNS` (default 10) says how often each is started; the least counts.
 */
const runs = Number(process.env["RUNS"] ?? 10);
const folder = mkdtempSync(join(tmpdir(), "sallyport-load-"));
const names = readdirSync(new URL("../lambdas/", import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => name !== "chain")
  .toSorted();

/** The whole program of a child: what has been loaded before is not counted. */
const CHILD = `
  import { existsSync } from "node:fs";
  if (existsSync("./rules-engine.mjs")) await import("./rules-engine.mjs");
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await import("./index.mjs");
  const { user, system } = process.cpuUsage(cpu);
  const took = [performance.now() - began, (user + system) / 1000];
  process.stdout.write(JSON.stringify(took), () => process.exit(0));
`;

interface Candidate {
  function: string;
  what: "empty" | "apart" | "whole";
  folder: string;
  /** The least of all starts so far. */
  ms: number;
  cpuMs: number;
}

function start({ folder: cwd }: Candidate, env: { [name: string]: string }): [number, number] {
  const child = ["--input-type=module", "--eval", CHILD];
  const out = execFileSync(process.execPath, child, { cwd, env, encoding: "utf8" });
  return JSON.parse(out) as [number, number];
}

try {
  const environments = functionEnvironments();
  const candidates: Candidate[] = [];
  const kilobytes = new Map<string, number>();
  for (const name of names) {
    const add = async (
      what: Candidate["what"],
      build: (out: string) => Promise<unknown>,
    ): Promise<void> => {
      const out = join(folder, `${name}-${what}`);
      mkdirSync(out);
      await build(out);
      kilobytes.set(`${name} ${what}`, statSync(join(out, "index.mjs")).size / 1_024);
      const unknown = Number.POSITIVE_INFINITY;
      candidates.push({ function: name, what, folder: out, ms: unknown, cpuMs: unknown });
    };
    const { evaluatesRules } = await functionFile(name, join(folder, name));
    await add("empty", (out) => emptyHandler(name, out));
    await add("whole", (out) => functionFile(name, out));
    if (!evaluatesRules) continue;
    await add("apart", async (out) => {
      await functionFile(name, out, { rulesApart: true });
      await rulesEngine(out);
    });
  }
  for (let run = 0; run < runs; run++) {
    for (const candidate of candidates) {
      const [ms, cpuMs] = start(candidate, environments[candidate.function] ?? {});
      candidate.ms = Math.min(candidate.ms, ms);
      candidate.cpuMs = Math.min(candidate.cpuMs, cpuMs);
    }
  }
  console.log(`the least of ${runs} starts each, taking turns, Node ${process.version}`);
  for (const name of names) {
    const of = (what: Candidate["what"]): Candidate | undefined =>
      candidates.find((one) => one.function === name && one.what === what);
    const [empty, whole] = [of("empty"), of("whole")];
    if (empty === undefined || whole === undefined) continue;
    const load = of("apart") ?? whole;
    const kb = (what: string): string => `${(kilobytes.get(`${name} ${what}`) ?? 0).toFixed(0)} KB`;
    const beside = (unit: "ms" | "cpuMs"): string =>
      `${load[unit].toFixed(0)} ms, empty ${empty[unit].toFixed(0)} ms, ratio ${(load[unit] / empty[unit]).toFixed(2)}`;
    console.log(`${name}  ${kb("whole")}, empty ${kb("empty")}  loads in ${beside("ms")}`);
    console.log(`  CPU ${beside("cpuMs")}`);
    if (load !== whole)
      console.log(`  Cedar, with its first evaluation: ${(whole.ms - load.ms).toFixed(0)} ms more`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
