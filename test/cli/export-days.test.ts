import { describe, expect, it } from "vitest";
import { daysBetween } from "../../cli/export-days.ts";

const now = Date.parse("2026-03-01T23:59:59Z");

describe("the days of an export", () => {
  it("are the last thirty and today where none is named", () => {
    const days = daysBetween(undefined, undefined, now);
    expect([days.length, days[0], days.at(-1)]).toEqual([31, "2026-01-30", "2026-03-01"]);
  });

  it("include both ends", () => {
    expect(daysBetween("2024-02-28", "2024-03-01", now)).toEqual([
      "2024-02-28",
      "2024-02-29",
      "2024-03-01",
    ]);
  });

  it.each([
    ["2026-02-30", undefined],
    ["yesterday", undefined],
    ["2026-03-02", "2026-03-01"],
    ["0001-01-01", undefined],
  ])("cannot be %s to %s", (from, to) => {
    expect(() => daysBetween(from, to, now)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
