import { describe, expect, it } from "vitest";
import { waitMsOf } from "../../cli/wait-flags.ts";

describe("how long to wait", () => {
  it("is a duration, or nothing", () => {
    expect(waitMsOf({ wait: "15m" })).toBe(900_000);
    expect(waitMsOf({ wait: false })).toBe(0);
    expect(() => waitMsOf({ wait: "soon" })).toThrow("--wait");
  });
});
