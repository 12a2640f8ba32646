import { describe, expect, it } from "vitest";
import { nearestName } from "../../core/nearest-name.ts";

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
