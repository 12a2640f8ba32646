import { type Limits, minuteText, type Rates } from "../../core/rate-limits.ts";
import { callerKey, type RefusalCounts, type RefusalRow } from "../../core/refusal-counts.ts";
import type { Tables } from "./tables.ts";

/** The counters of calls in memory. */
export function memoryLimits({ counters }: Pick<Tables, "counters">, rates: Rates): Limits {
  const key = (per: keyof Rates, of: string, at: number) => `${per}#${of}#${minuteText(at)}`;
  return {
    usedUp: () => false,
    async take(per, of, at) {
      const taken = counters.get(key(per, of, at)) ?? 0;
      if (taken >= rates[per]) return { kind: "exceeded", limit: rates[per] };
      counters.set(key(per, of, at), taken + 1);
      return { kind: "taken" };
    },
  };
}

/** Counted refusals in memory. */
export function memoryRefusalCounts({ refused }: Pick<Tables, "refused">): RefusalCounts {
  return {
    async count(refusal, at) {
      const { who, route, code, equal } = refusal;
      const key = [minuteText(at), callerKey(who), route, code, equal ?? ""].join(" ");
      const row: RefusalRow = { ...refusal, times: (refused.get(key)?.times ?? 0) + 1 };
      refused.set(key, row);
      return row.times;
    },
    async of(at) {
      return [...refused].flatMap(([key, row]) =>
        key.startsWith(`${minuteText(at)} `) ? [row] : [],
      );
    },
  };
}
