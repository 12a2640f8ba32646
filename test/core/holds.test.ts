import { describe, expect, it } from "vitest";
import type { StoredEvent } from "../../core/event.ts";
import { type Hold, MOST_PER_PERSON, personChain, slotChain } from "../../core/holds.ts";
import { verifyChains } from "../../core/verify-chains.ts";
import { chainOf } from "../kit/break-glass.ts";
import { taskOf } from "../kit/build-request.ts";

/** A chain that so many attempts take, one after another, each beside all before it. */
function takenBy(chain: string, count: number): StoredEvent[] {
  const holds: Hold[] = Array.from({ length: count }, (_, n) => ({
    requestId: `r${n}`,
    attempt: 1,
  }));
  return chainOf(
    chain,
    holds.map((own, n) => ({
      body: {
        kind: "hold.taken",
        data: { ...own, displaced: [], holds: holds.slice(0, n + 1) },
        values: {},
      },
      as: "dev",
    })),
  );
}

describe("a chain of holds", () => {
  it.each([
    ["a person", personChain("dev"), 5],
    ["a container", slotChain(taskOf(1).taskArn, "app", false), 1],
  ])("of %s verifies up to its limit and not beyond", (_, chain, most) => {
    expect(MOST_PER_PERSON).toBe(5);
    expect(verifyChains(takenBy(chain, most)).problems).toEqual([]);
    expect(verifyChains(takenBy(chain, most + 1)).problems).toEqual([
      { chain, seq: most + 1, what: "more hold it than may" },
    ]);
  });
});
