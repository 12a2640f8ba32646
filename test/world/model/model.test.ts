import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { world } from "../world.ts";
import { anyCommand } from "./commands.ts";
import { newModel } from "./model.ts";
import { expectAllOver } from "./record.ts";

const runs = Number(process.env["MODEL_RUNS"] ?? 12);
const seed = Number(process.env["MODEL_SEED"] ?? Date.now() & 0x7fffffff);
const path = process.env["MODEL_PATH"];

/** Real time: the clock of the world does not pass while somebody never answers. */
const HANGS_MS = 60_000;

/** `npm run test:model -- --runs N [--seed S]` does more of the same. */
describe("people, clocks and machines, in any order", () => {
  it(`T24 leave the record as a small model has it (${runs} runs, seed ${seed})`, {
    timeout: 30_000 + runs * 10_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.commands(anyCommand, { size: "+1", maxCommands: 40 }),
        async (chance, all) => {
          const w = await world({ seed: chance });
          const model = newModel();
          await fc.asyncModelRun(() => ({ model, real: w }), all);
          await expectAllOver(model, w);
          expect(w.verify().problems).toEqual([]);
        },
      ),
      { seed, numRuns: runs, timeout: HANGS_MS, ...(path === undefined ? {} : { path }) },
    );
  });
});
