import { describe, expect, it } from "vitest";
import { failureOf } from "../../cli/http-answer.ts";

const MINUTE = 60_000;

/** What is told of a call that the front door refused, by a machine whose clock is so far ahead. */
const told = (clockAheadMs: number, status = 403) =>
  failureOf({
    status,
    contentType: "application/json",
    retryAfterMs: 0,
    clockAheadMs,
    text: '{"message":"Forbidden"}',
  });

describe("a signature that is refused", () => {
  it.each([
    [6 * MINUTE, "6 minutes ahead of"],
    [-6 * MINUTE, "6 minutes behind"],
    [3 * 60 * MINUTE, "3 hours ahead of"],
  ])("by a clock that is %i ms off is blamed on the clock", (ms, how) => {
    const { hint, exitCode } = told(ms);
    expect(hint).toContain(`this machine's clock is ${how} the gateway's`);
    expect(hint).toContain("timedatectl set-ntp true");
    expect(exitCode).toBe(124);
  });

  it.each([4 * MINUTE, -4 * MINUTE, 0])(
    "by a clock that is %i ms off is blamed on the identity, for AWS takes so much",
    (ms) => {
      const { hint, exitCode } = told(ms);
      expect(hint).toContain("check the AWS profile");
      expect(hint).not.toContain("clock");
      expect(exitCode).toBe(124);
    },
  );

  it("is all that a clock is blamed for", () => {
    expect(told(60 * MINUTE, 500).hint ?? "").not.toContain("clock");
    expect(told(60 * MINUTE, 404).hint).not.toContain("clock");
  });
});
