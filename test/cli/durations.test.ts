import { describe, expect, it } from "vitest";
import { age, parseInstant, parseMinutes } from "../../cli/durations.ts";

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

describe("an instant as it is typed", () => {
  it.each([
    ["2026-11-24T22:00Z", "2026-11-24T22:00:00Z"],
    ["2026-11-24T22:00+01:00", "2026-11-24T22:00:00+01:00"],
    ["2026-11-24T22:00:30Z", "2026-11-24T22:00:30Z"],
  ])("takes %j", (text, instant) => {
    expect(parseInstant(text, "--start-at")).toBe(instant);
  });

  it.each(["", "22:00", "tomorrow", "2026-11-24", "2026-11-24T22:00", "2026-11-24T25:00Z"])(
    "does not take %j",
    (text) => {
      expect(() => parseInstant(text, "--start-at")).toThrow(
        expect.objectContaining({ exitCode: 2 }),
      );
    },
  );
});
