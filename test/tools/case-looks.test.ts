import { describe, expect, it } from "vitest";
import { forgetLooks, isCase, looked, lookMissing, looksSoFar } from "../kit/looks.ts";

const e2e = "/x/test/e2e/a.test.ts";

describe("a case", () => {
  it.each([
    [["T14 opens once"], true],
    [["opens once", "T14, T15: at once"], true],
    [["opens once (T14)", "races"], false],
    [["T140 opens"], false],
  ])("is known by its names: %j %s", (names, wanted) => {
    expect(isCase(names)).toBe(wanted);
  });

  it("against a gateway shows nothing without a look", () => {
    forgetLooks();
    expect(lookMissing(["T14 x"], e2e, looksSoFar())).toContain("without a look");
    looked("wire");
    expect(lookMissing(["T14 x"], e2e, looksSoFar())).toBeUndefined();
    expect(looksSoFar()).toEqual(["wire"]);
  });

  it("of one module alone shows what it asserts, and other tests are free", () => {
    expect(lookMissing(["T14 x"], "/x/test/core/a.test.ts", [])).toBeUndefined();
    expect(lookMissing(["x"], e2e, [])).toBeUndefined();
  });
});
