import { describe, expect, it } from "vitest";
import { age, parseMinutes } from "../../cli/durations.ts";

describe("a duration", () => {
  it.each([
    ["30m", 30],
    ["1h", 60],
    ["1h30m", 90],
    ["24h", 1_440],
    ["120s", 2],
  ])("%s is %d minutes", (text, minutes) => {
    expect(parseMinutes(text, "--for")).toBe(minutes);
  });

  it.each(["", "30", "m", "-5m", "1d", "90s", "0m", "25h", "1e3m"])("%j is refused", (text) => {
    expect(() => parseMinutes(text, "--for")).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it("that has passed is told in its largest unit", () => {
    expect([-1, 59_999, 60_000, 7_200_000, 200_000_000].map(age)).toEqual([
      "0s",
      "59s",
      "1m",
      "2h",
      "2d",
    ]);
  });
});
