import type { RefusalCounts } from "../../core/refusal-counts.ts";

/** Counts that tell of each refusal which is counted and is no event of its own. */
export function countingRefusals(counts: RefusalCounts, onCounted: () => void): RefusalCounts {
  return {
    ...counts,
    count: async (refusal, at) => {
      const times = await counts.count(refusal, at);
      if (refusal.equal === null || times > 1) onCounted();
      return times;
    },
  };
}
