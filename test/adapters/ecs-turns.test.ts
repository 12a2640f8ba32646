import { describe, expect, it } from "vitest";
import { ecsTurns } from "../../adapters/ecs-turns.ts";

const home = { account: "111122223333", region: "us-east-1" };

/** Calls of operations, one after the other; answers when each may be sent. */
async function sent(calls: readonly (readonly [typeof home, string])[]): Promise<number[]> {
  let now = 0;
  const turn = ecsTurns({
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  });
  const times: number[] = [];
  for (const [place, operation] of calls) {
    await turn(place, operation);
    times.push(now);
  }
  return times;
}

const many = (count: number, ...operations: string[]) =>
  Array.from({ length: count }, (_, n) => [home, operations[n % operations.length] ?? ""] as const);

describe("turns to ask ECS", () => {
  it("are given at once to 25 calls of a group, and then ten times a second", async () => {
    const times = await sent(many(45, "ListTasks", "DescribeTasks"));
    expect(times.slice(0, 25).every((at) => at === 0)).toBe(true);
    expect(times.slice(25)).toEqual(Array.from({ length: 20 }, (_, n) => (n + 1) * 100));
  });

  it("are counted for each group, account and region by itself", async () => {
    const others = [
      ...many(25, "DescribeServices"),
      ...many(25, "ListTasks").map(([, of]) => [{ ...home, region: "eu-west-1" }, of] as const),
      ...many(25, "ListTasks").map(([, of]) => [{ ...home, account: "444455556666" }, of] as const),
    ];
    expect((await sent([...many(25, "ListTasks"), ...others])).at(-1)).toBe(0);
  });

  it("come back with time", async () => {
    let now = 0;
    const slept: number[] = [];
    const turn = ecsTurns({ now: () => now, sleep: async (ms) => void slept.push(ms) });
    for (let n = 0; n < 25; n++) await turn(home, "ListTasks");
    now = 10_000;
    for (let n = 0; n < 25; n++) await turn(home, "ListTasks");
    expect(slept).toEqual([]);
    await turn(home, "ListTasks");
    expect(slept).toEqual([100]);
  });
});
