import { describe, expect, it } from "vitest";
import { beginLooking, casesOfTest, endLooking, looked, lookMissing } from "../kit/looks.ts";

const e2e = "/x/test/e2e/a.test.ts";
const wire = "/x/test/wire/a.test.ts";
const pure = (number: string): boolean => number === "T77";

describe("a case", () => {
  it.each([
    [["T14 opens once"], ["T14"]],
    [
      ["opens once", "T14, T15: at once"],
      ["T14", "T15"],
    ],
    [["opens once (T14)", "races"], []],
    [["T140 opens"], []],
  ])("is known by its names: %j %j", (names, numbers) => {
    expect(casesOfTest(names)).toEqual(numbers);
  });

  it.each([e2e, wire, "/x/test/world/a.test.ts"])("in %s shows nothing without a look", (file) => {
    expect(lookMissing(["T14 x"], file, [], pure)).toContain("after a look");
    expect(lookMissing(["T14 x"], file, ["wire"], pure)).toBeUndefined();
  });

  it("of one module alone shows what it asserts, and other tests are free", () => {
    expect(lookMissing(["T14 x"], "/x/test/core/a.test.ts", [], pure)).toBeUndefined();
    expect(lookMissing(["x"], e2e, [], pure)).toBeUndefined();
  });

  it("without any effect is free over a socket, and not where it has another's number as well", () => {
    expect(lookMissing(["T77 x"], wire, [], pure)).toBeUndefined();
    expect(lookMissing(["T37, T77: x"], wire, [], pure)).toContain("after a look");
    expect(lookMissing(["T77 x"], e2e, [], pure)).toContain("after a look");
  });
});

describe("a look", () => {
  it("counts within the test itself, once something is asserted after it", () => {
    let asserted = 0;
    const assertions = (): number => asserted;
    looked("record"); // as a hook before the test would
    beginLooking(assertions);
    asserted = 1;
    expect(endLooking()).toEqual([]);

    beginLooking(assertions);
    looked("wire");
    expect(endLooking()).toEqual([]);

    beginLooking(assertions);
    looked("wire");
    asserted = 2;
    looked("record");
    expect(endLooking()).toEqual(["wire"]);
    looked("invariants"); // as a hook after it would
    expect(endLooking()).toEqual([]);
  });
});
