import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mutants } from "../../tools/mutants/mutants.ts";
import { mutated, readReport } from "../../tools/mutants.ts";

describe("the mutants", () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    "%s: applies to the tree as it is, and changes it",
    (_, mutant) => {
      const source = readFileSync(new URL(`../../${mutant.file}`, import.meta.url), "utf8");
      expect(mutated(source, mutant)).not.toBe(source);
      for (const suite of mutant.suites) {
        expect(readFileSync(new URL(`../../${suite}`, import.meta.url), "utf8")).toContain("it");
      }
    },
  );
});

describe("mutated", () => {
  const mutant = { name: "m", file: "f.ts", search: "a", replace: "b", suites: [] };

  it.each([
    ["no more", "xyz"],
    ["more than once", "a a"],
  ])("refuses what stands there %s", (times, source) => {
    expect(() => mutated(source, mutant)).toThrow(`m: what it replaces stands in f.ts ${times}`);
  });

  it("replaces to the letter, whatever the letters mean elsewhere", () => {
    expect(mutated("1.a.2", { ...mutant, search: ".a", replace: "$&" })).toBe("1$&.2");
  });
});

describe("readReport", () => {
  const report = (...results: [status: string, fullName: string][]): string =>
    JSON.stringify({
      numTotalTests: results.length,
      success: results.every(([status]) => status !== "failed"),
      testResults: [
        { assertionResults: results.map(([status, fullName]) => ({ status, fullName })) },
      ],
    });

  it("tells which test failed first", () => {
    expect(readReport(report(["passed", "one"], ["failed", "two"]))).toEqual({
      passed: false,
      by: "two",
    });
  });

  it("takes no run without a test for one that passed", () => {
    expect(readReport(report())).toBeUndefined();
    expect(readReport(report(["skipped", "one"]))).toBeUndefined();
  });
});
