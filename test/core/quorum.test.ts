import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Need } from "../../core/policy-engine.ts";
import { type Agreement, tally } from "../../core/quorum.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const groups = ["a", "b", "c"];
const needs = fc.uniqueArray(
  fc.record({ group: fc.constantFrom(...groups), count: fc.integer({ min: 1, max: 2 }) }),
  { minLength: 1, maxLength: 3, selector: (need) => need.group },
);
const agreements = fc.array(
  fc.record({
    person: fc.constantFrom("p", "q", "r", "s"),
    groups: fc.subarray(groups),
  }),
  { maxLength: 6 },
);

/** The most places that can be filled, by trying everybody in every place and nowhere. */
function most(places: string[], persons: [string, Set<string>][]): number {
  const [first, ...rest] = persons;
  if (first === undefined) return 0;
  let best = most(places, rest);
  for (const [i, place] of places.entries()) {
    if (first[1].has(place)) best = Math.max(best, 1 + most(places.toSpliced(i, 1), rest));
  }
  return best;
}

function expected(rule: Need[], given: Agreement[]): number {
  const persons = new Map<string, Set<string>>();
  for (const { person, groups: of } of given) {
    persons.set(person, new Set([...(persons.get(person) ?? []), ...of]));
  }
  const places = rule.flatMap(({ group, count }) => Array<string>(count).fill(group));
  return most(places, [...persons]);
}

describe("tally", () => {
  it("counts one person in two groups once", () => {
    const rule = [
      { group: "a", count: 1 },
      { group: "b", count: 1 },
    ];
    const both = { person: "p", groups: ["a", "b"] };
    expect(tally(rule, [both, both]).counted).toEqual(["p"]);
    expect(tally(rule, [both]).lacks).toHaveLength(1);
    expect(tally(rule, [both, { person: "q", groups: ["a"] }]).lacks).toEqual([]);
  });

  it(`fills as many places as can be filled, each by another person (seed ${seed})`, () => {
    fc.assert(
      fc.property(needs, agreements, (rule, given) => {
        const { counted, lacks } = tally(rule, given);
        const wanted = rule.reduce((sum, need) => sum + need.count, 0);
        expect(counted).toHaveLength(expected(rule, given));
        expect(new Set(counted).size).toBe(counted.length);
        expect(lacks.reduce((sum, need) => sum + need.count, 0)).toBe(wanted - counted.length);
      }),
      { seed, numRuns: 500 },
    );
  });

  it(`is the same in whatever order the agreements came (seed ${seed})`, () => {
    const shuffled = agreements.chain((given) =>
      fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
    );
    fc.assert(
      fc.property(needs, shuffled, (rule, [given, other]) => {
        expect(tally(rule, other)).toEqual(tally(rule, given));
      }),
      { seed, numRuns: 300 },
    );
  });
});
