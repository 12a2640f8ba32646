import { describe, expect, it } from "vitest";
import { nearestName, nearestNames } from "../../core/nearest-name.ts";

describe("nearestName", () => {
  const names = ["approvals", "max_duration", "max_sessions", "pin", "id"];

  it.each([
    ["aprovals", "approvals"],
    ["Approvals", "approvals"],
    ["max_durations", "max_duration"],
    ["pni", undefined],
    ["pim", "pin"],
    ["di", undefined],
    ["reason", undefined],
    ["", undefined],
  ])("finds for %j the name %j", (wanted, near) => {
    expect(nearestName(wanted, names)).toBe(near);
  });

  it("takes the first of two that are equally near", () => {
    expect(nearestName("abd", ["abc", "abe"])).toBe("abc");
  });
});

describe("nearestNames", () => {
  const names = ["reports", "payments-web", "payments-api", "legacy"];

  it("puts those with the fewest letters to change first, whatever their case", () => {
    expect(nearestNames("Payments-ap", names, 2)).toEqual(["payments-api", "payments-web"]);
  });

  it("names some even where none is near, and no more than there are", () => {
    expect(nearestNames("x", names, 9)).toHaveLength(4);
    expect(nearestNames("x", [], 9)).toEqual([]);
  });

  it("orders those that are equally near by name", () => {
    expect(nearestNames("ab", ["ad", "ac"], 2)).toEqual(["ac", "ad"]);
  });
});
