import { describe, expect, it } from "vitest";
import { routeLimits } from "../../api/route-limits.ts";
import { routes } from "../../api/routes.ts";
import { defaultRates, minuteOf, minuteText, rateLimited } from "../../core/rate-limits.ts";

const minute = Date.UTC(2026, 10, 24, 8, 20);

describe("a minute", () => {
  it("begins at its first instant and holds its last", () => {
    expect([minute, minute + 59_999, minute + 60_000].map(minuteOf)).toEqual([
      minute,
      minute,
      minute + 60_000,
    ]);
    expect([minute, minute + 59_999, minute + 60_000].map(minuteText)).toEqual([
      "2026-11-24T08:20Z",
      "2026-11-24T08:20Z",
      "2026-11-24T08:21Z",
    ]);
  });
});

describe("rateLimited", () => {
  it.each([
    [0, 60],
    [1, 60],
    [59_000, 1],
    [59_999, 1],
  ])(
    "%d ms into a minute says to wait %d seconds, and no longer than it takes",
    (into, seconds) => {
      const error = rateLimited("write", 120, minute + into);
      expect([error.code, error.details.retryAfterSeconds]).toEqual(["rate_limited", seconds]);
      expect(error.details.hint).toContain(
        seconds === 1 ? "wait 1 second," : `wait ${seconds} seconds,`,
      );
      expect(minuteOf(minute + into + seconds * 1_000)).toBe(minute + 60_000);
    },
  );

  it("says which limit it was", () => {
    const said = (["write", "read", "target"] as const).map((per) => rateLimited(per, 7, minute));
    for (const { message } of said) expect(message).toContain("7");
    expect(new Set(said.map(({ message }) => message)).size).toBe(3);
  });
});

describe("the limits", () => {
  it("leave at least half of a target to everybody else", () => {
    expect(defaultRates.target).toBeGreaterThanOrEqual(2 * defaultRates.write);
  });

  it("count every change as one, and leave free only what tells nothing of the record", () => {
    const changing = routes.filter(({ method }) => method !== "GET");
    expect(changing.filter(({ name }) => routeLimits[name] !== "write")).toEqual([]);
    const free = routes.filter(({ name }) => routeLimits[name] === "none");
    expect(free.map(({ name }) => name)).toEqual(["health", "openapi"]);
  });
});
