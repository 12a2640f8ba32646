import { expect, it } from "vitest";
import { type Limits, MINUTE_MS, type Rates } from "../../core/rate-limits.ts";
import type { CountedRefusal, RefusalCounts } from "../../core/refusal-counts.ts";
import { NOW } from "./build-request.ts";

/** The limits that `limitsContract` counts by. */
export const contractRates: Rates = { write: 2, read: 3, target: 5 };

/** What counting calls does, whatever it is kept in. Each test gets counters of its own. */
export function limitsContract(limits: () => Limits): void {
  it("calls are counted by what they are, of whom, and the minute", async () => {
    const store = limits();
    const take = async (of: string, at = NOW, per: keyof Rates = "write") =>
      (await store.take(per, of, at)).kind;
    expect([await take("person:a"), await take("person:a"), await take("person:a")]).toEqual([
      "taken",
      "taken",
      "exceeded",
    ]);
    expect(await store.take("write", "person:a", NOW)).toEqual({ kind: "exceeded", limit: 2 });
    expect(await take("person:b")).toBe("taken");
    expect(await take("person:a", NOW, "read")).toBe("taken");
    expect(await take("person:a", NOW + MINUTE_MS)).toBe("taken");
  });
}

/** What counting refusals does, whatever it is kept in. */
export function refusalCountsContract(counts: () => RefusalCounts): void {
  it("refusals are counted by the minute, by whose they are, and by what is equal in them", async () => {
    const store = counts();
    const who = { kind: "person", id: "a" } as const;
    const one: CountedRefusal = {
      who,
      route: "createRequest",
      code: "refused_by_rule",
      equal: "x",
    };
    expect(await store.count(one, NOW)).toBe(1);
    expect(await store.count(one, NOW)).toBe(2);
    expect(await store.count({ ...one, equal: "y" }, NOW)).toBe(1);
    expect(await store.count({ ...one, equal: null }, NOW)).toBe(1);
    expect(await store.count({ ...one, who: { kind: "person", id: "b" } }, NOW)).toBe(1);
    expect(await store.count(one, NOW + MINUTE_MS)).toBe(1);
    const rows = await store.of(NOW);
    expect(
      rows.map(({ who: { id }, equal, times }) => `${id} ${equal} ${times}`).toSorted(),
    ).toEqual(["a null 1", "a x 2", "a y 1", "b x 1"]);
    expect(await store.of(NOW + MINUTE_MS)).toEqual([{ ...one, times: 1 }]);
    expect(await store.of(NOW - MINUTE_MS)).toEqual([]);
  });
}
