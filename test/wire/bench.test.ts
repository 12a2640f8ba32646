import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { engineHere } from "../kit/engine.ts";

const bench = fileURLToPath(new URL("../../bench/open.ts", import.meta.url));

describe.skipIf(!engineHere)("the measurements", () => {
  it("say what an open costs, and how many of its calls wait for another", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [bench], {
      env: { ...process.env, ROUNDS: "2" },
    });
    for (const [name, all, series] of [
      ["a service", 9, 6],
      ["a task", 8, 4],
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
});
