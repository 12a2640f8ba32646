import { randomInt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { engineHere } from "../kit/engine.ts";
import { fuzzHandlers } from "../kit/fuzz-handlers.ts";

/** `SALLYPORT_FUZZ_SEED=N` repeats a run; test/fuzz.ts does more of the same. */
describe.skipIf(!engineHere)("mutated bodies, queries and paths", () => {
  it("T37, T77: are answered without a 500 or an event of what could not be read, by every route, in bounded time and memory", async () => {
    const seed = Number(process.env["SALLYPORT_FUZZ_SEED"] ?? randomInt(2 ** 31));
    console.log(`fuzz seed ${seed}`);
    const { findings, statuses } = await fuzzHandlers(seed, 3_000);
    expect(findings, `seed ${seed}`).toEqual([]);
    expect(Object.keys(statuses), `seed ${seed}`).toEqual(
      expect.arrayContaining(["200", "202", "400", "403", "404"]),
    );
  });
});
