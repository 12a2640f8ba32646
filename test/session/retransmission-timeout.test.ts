import { expect, test } from "vitest";
import {
  backedOff,
  initialTiming,
  type Timing,
  withSample,
} from "../../session/retransmission-timeout.ts";
import { recordedNamed } from "./recorded-frames.ts";

interface Step {
  sampleMs: number;
  rttMs: number;
  rttvMs: number;
  rtoMs: number;
}

test("the timeout follows the recorded samples step by step", () => {
  const { decoded } = recordedNamed("unit/rto-sequence");
  const steps = decoded["steps"] as Step[];
  expect(steps).toHaveLength(7);
  expect(decoded["initial"]).toEqual({
    rttMs: initialTiming.roundTripMs,
    rttvMs: initialTiming.variationMs,
    rtoMs: initialTiming.timeoutMs,
  });
  let timing: Timing = initialTiming;
  for (const step of steps) {
    timing = withSample(timing, step.sampleMs);
    expect(timing.roundTripMs).toBeCloseTo(step.rttMs, 5);
    expect(timing.variationMs).toBeCloseTo(step.rttvMs, 5);
    expect(timing.timeoutMs).toBeCloseTo(step.rtoMs, 5);
  }
});

test("a resend doubles the timeout up to one second and leaves what was measured alone", () => {
  const once = backedOff(initialTiming);
  expect(once).toEqual({ ...initialTiming, timeoutMs: 400 });
  expect(backedOff(backedOff(backedOff(once))).timeoutMs).toBe(1_000);
});
