import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Need } from "../../core/policy-engine.ts";
import { type Agreement, tally, unordered } from "../../core/quorum.ts";

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

  describe("with an order", () => {
    const ordered = [
      { group: "a", count: 1, step: 1 },
      { group: "b", count: 1, step: 2 },
      { group: "c", count: 1, step: 2 },
    ];
    const of = (person: string, ...in_: string[]) => ({ person, groups: in_ });

    it("counts nobody before their turn, and takes those of one step in any order", () => {
      const [a, b, c] = [of("p", "a"), of("q", "b"), of("r", "c")];
      expect(tally(ordered, [b]).counted).toEqual([]);
      expect(tally(ordered, [b, a, c]).lacks).toEqual([ordered[1]]);
      expect(tally(ordered, [a, c, b]).lacks).toEqual([]);
      expect(tally(ordered, [a, b, c]).lacks).toEqual([]);
    });

    it("does not move whoever filled a step to a later one", () => {
      const two = ordered.slice(0, 2);
      expect(tally(two, [of("p", "a", "b"), of("q", "a")]).lacks).toEqual([ordered[1]]);
      expect(tally(two, [of("p", "a", "b"), of("q", "b")]).lacks).toEqual([]);
    });

    it("counts nobody of a later step once somebody of an earlier one has gone", () => {
      expect(tally(ordered, [of("q", "b"), of("r", "c")]).lacks).toEqual(ordered);
    });

    it(`is met only by agreements that are enough without it too (seed ${seed})`, () => {
      const steps = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 });
      fc.assert(
        fc.property(needs, steps, agreements, (rule, at, given) => {
          const withOrder = rule.map((need, i) => ({ ...need, step: at[i] ?? 1 }));
          const [with_, without] = [tally(withOrder, given), tally(unordered(withOrder), given)];
          expect(with_.counted.length).toBeLessThanOrEqual(without.counted.length);
          expect(new Set(with_.counted).size).toBe(with_.counted.length);
          // No place of a step after the next is filled.
          const next = Math.min(...with_.lacks.map(({ step = 1 }) => step));
          const beyond = ({ step = 1 }: Need): boolean => step > next;
          expect(with_.lacks.filter(beyond)).toEqual(withOrder.filter(beyond));
        }),
        { seed, numRuns: 500 },
      );
    });
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
