import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isoTime, utcDay } from "../../core/clock.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);
const instants = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

describe("isoTime", () => {
  it(`writes any instant as Date does (seed ${seed})`, () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(isoTime(at)).toBe(new Date(at).toISOString());
        expect(utcDay(at)).toBe(new Date(at).toISOString().slice(0, 10));
      }),
      { seed, numRuns: 2_000 },
    );
  });

  it.each([
    "1970-01-01T00:00:00.000Z",
    "2000-02-29T23:59:59.999Z",
    "2100-03-01T00:00:00.000Z",
    "2024-12-31T23:59:59.999Z",
  ])("writes %s", (text) => expect(isoTime(Date.parse(text))).toBe(text));
});
