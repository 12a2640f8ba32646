import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { brokenBody, chainOf, countOf, GLASS_ID, glassRoad } from "../kit/break-glass.ts";

const DAY = "GLASS#sre#2026-11-24";
const problems = (...chains: StoredEvent[][]) => verifyChains(chains.flat()).problems;
const others = ["1", "2", "3", "4"].map((n) => n.repeat(26));

describe("the chain on which broken glass is counted", () => {
  it("verifies where each on it was granted, and each that was granted is on it", () => {
    expect(problems(glassRoad(), countOf([GLASS_ID]))).toEqual([]);
    // Requests of days that were not exported.
    expect(problems(countOf(others.slice(0, 3)))).toEqual([]);
  });

  it("holds no more than may be", () => {
    expect(problems(countOf(others))).toEqual([
      { chain: DAY, seq: 4, what: "it is one more than may be" },
    ]);
  });

  it.each([
    [{ person: "lead" }, "GLASS#lead#2026-11-24"],
    [{ day: "2026-11-23" }, "GLASS#sre#2026-11-23"],
  ])("counts on its own day and for its own person: %j", (change, chain) => {
    const elsewhere = chainOf(chain, [
      {
        body: {
          kind: "glass.counted",
          data: { requestId: GLASS_ID, person: "sre", limit: 3 },
          values: {},
        },
        as: "sre",
      },
    ]);
    expect(Object.keys(change)).toHaveLength(1);
    expect(problems(elsewhere)).toEqual([{ chain, seq: 1, what: "it counts for another" }]);
  });

  it("has no place for a grant that took none, or another's", () => {
    const uncounted = { chain: `REQ#${GLASS_ID}`, seq: 1, what: "it was not counted" };
    expect(problems(glassRoad())).toEqual([uncounted]);
    expect(problems(glassRoad(), countOf(others.slice(0, 1)))).toEqual([uncounted]);
    expect(problems(glassRoad(), countOf([GLASS_ID], { limit: 2 }))).toEqual([uncounted]);
    expect(problems(glassRoad(brokenBody({ spent: 1 })), countOf([GLASS_ID]))).toContainEqual(
      uncounted,
    );
  });

  it("holds nothing that was no break", () => {
    const twice = countOf([GLASS_ID, GLASS_ID]);
    expect(problems(glassRoad(), twice)).toEqual([
      { chain: DAY, seq: 2, what: `request ${GLASS_ID} is none that counts` },
    ]);
  });
});
