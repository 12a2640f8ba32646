import { expect, test } from "vitest";
import { pace } from "../../session/pace.ts";

test("a burst of 100 frames goes at once, and 500 a second after it", () => {
  const given = pace(0);
  let taken = 0;
  let now = 0;
  for (let waitMs = given.take(now); waitMs === 0; waitMs = given.take(now)) taken++;
  expect(taken).toBe(100);
  while (now < 2_000) {
    const waitMs = given.take(now);
    if (waitMs === 0) taken++;
    now += waitMs;
  }
  expect(taken).toBeGreaterThan(1_050);
  expect(taken).toBeLessThanOrEqual(1_100);
});

test("a long pause saves up no more than one burst, and a clock set back costs nothing", () => {
  const given = pace(3_600_000);
  for (let i = 0; i < 100; i++) given.take(3_600_000);
  let taken = 0;
  while (given.take(7_200_000) === 0) taken++;
  expect(taken).toBe(100);
  expect(given.take(0)).toBeLessThanOrEqual(2);
  expect(given.take(2)).toBe(0);
});
