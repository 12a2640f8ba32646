import type { Difference } from "../kinds/watched.ts";

/** What a comparison comes to. */
export type Verdict =
  /** Nothing of ours, or as it should be and not worth an event. */
  | { kind: "none" }
  | { kind: "matched"; request: string; attempt: number }
  | {
      kind: "differs";
      differences: Difference[];
      request: string | null;
      attempt: number | null;
      guarded: boolean;
    }
  | { kind: "last_resort" };

/** A call that nobody may make, or another than the one who made it. */
export function foreign(error: string | null, guarded: boolean): Verdict {
  return {
    kind: "differs",
    differences: error === null ? ["caller"] : ["caller", "denied"],
    request: null,
    attempt: null,
    guarded,
  };
}

export function differing(
  claim: { request: string; attempt: number } | undefined,
  checks: (Difference | false)[],
): (Verdict & { kind: "differs" }) | undefined {
  const differences = checks.filter((check) => check !== false);
  if (differences.length === 0) return undefined;
  return {
    kind: "differs",
    differences,
    request: claim?.request ?? null,
    attempt: claim?.attempt ?? null,
    guarded: true,
  };
}
