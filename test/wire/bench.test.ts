import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { defaultRates } from "../../core/rate-limits.ts";
import { engineHere } from "../kit/engine.ts";

const storm = fileURLToPath(new URL("../../bench/storm.ts", import.meta.url));
const bench = fileURLToPath(new URL("../../bench/open.ts", import.meta.url));

describe.skipIf(!engineHere)("the measurements", () => {
  it("say what an open costs, and how many of its calls wait for another", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bench], {
      env: { ...process.env, ROUNDS: "2" },
    });
    for (const [name, all, series] of [
      ["a service", 12, 6],
      ["a task", 11, 4],
    ] as const) {
      const found = new RegExp(
        `^calls of one open of ${name} beside ExecuteCommand: (\\d+): .*\\n {2}of them in series: (\\d+): `,
        "m",
      ).exec(stdout);
      expect(Number(found?.[1]), stdout).toBeLessThanOrEqual(all);
      expect(Number(found?.[2]), stdout).toBeLessThanOrEqual(series);
    }
    expect(stdout).toMatch(/^p50 {2}direct .* ratio /m);
    expect(stdout).toContain("CPU of the exec handler");
  });

  it("say how a storm of one person's is held, and what it is to another", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [storm], {
      env: { ...process.env, STORM: "250", AT_ONCE: "4" },
    });
    const held = /^a storm of 250 calls .*: (\d+) refused with rate_limited/m.exec(stdout);
    // Where the minute ends within it, it is let in twice.
    expect(Number(held?.[1]), stdout).toBeGreaterThanOrEqual(250 - 2 * defaultRates.write);
    expect(stdout).toMatch(/^another person meanwhile: \d+ calls, 0 refused; p99 .* ratio \d/m);
  });
});
