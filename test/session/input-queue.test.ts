import fc from "fast-check";
import { expect, test } from "vitest";
import { inputQueue } from "../../session/input-queue.ts";

const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

test(`bytes come out in order, whatever the pieces in and out (seed ${seed})`, () => {
  const step = fc.oneof(
    fc.record({ push: fc.uint8Array({ maxLength: 50 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 40 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = inputQueue();
      const expected: number[] = [];
      const taken: number[][] = [];
      const wanted: number[][] = [];
      for (const step of steps) {
        if ("push" in step) {
          queue.push(step.push);
          expected.push(...step.push);
        } else {
          taken.push([...queue.take(step.take)]);
          wanted.push(expected.splice(0, step.take));
        }
        expect(queue.length).toBe(expected.length);
      }
      expect(taken).toEqual(wanted);
    }),
    { seed, numRuns: 300 },
  );
});

test("what was pushed is a copy, of a Node Buffer too", () => {
  for (const buffer of [Uint8Array.of(1, 2, 3), Buffer.from([1, 2, 3])]) {
    const queue = inputQueue();
    queue.push(buffer);
    buffer.fill(9);
    expect([...queue.take(3)]).toEqual([1, 2, 3]);
  }
});

test("ten thousand small pieces go through, and clearing forgets the rest", () => {
  const queue = inputQueue();
  for (let i = 0; i < 10_000; i++) queue.push(Uint8Array.of(i & 0xff));
  const taken: number[] = [];
  while (queue.length > 1_000) taken.push(...queue.take(700));
  expect(taken.every((byte, i) => byte === (i & 0xff))).toBe(true);
  queue.clear();
  expect(queue.length).toBe(0);
  expect(queue.take(10)).toHaveLength(0);
});
