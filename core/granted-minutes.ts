import { SallyportError } from "./errors.ts";
import type { Decision } from "./request-state.ts";

type Cap = Pick<Decision, "decision" | "counts" | "maxMinutes">;

/**
 * For how many minutes is granted what was asked for: no longer than anybody who approved this card would have
 * it. `last` is the cap of the approval that completes it.
 */
export function grantedMinutes(
  asked: number,
  decisions: readonly Cap[],
  last: number | undefined,
): number {
  const caps = decisions.flatMap(({ decision, counts, maxMinutes }) =>
    decision === "approve" && counts && maxMinutes !== undefined ? [maxMinutes] : [],
  );
  return Math.min(asked, ...caps, last ?? asked);
}

/** Throws `body_invalid` where a cap means nothing: on a denial, on what has no duration, above what was asked. */
export function requireCap(
  maxMinutes: number | undefined,
  decision: "approve" | "deny",
  asked: number | undefined,
): void {
  if (maxMinutes === undefined) return;
  const detail =
    decision === "deny"
      ? "a denial grants nothing"
      : asked === undefined
        ? "what is asked has no duration"
        : maxMinutes > asked
          ? `may only shorten: ${asked} minutes were asked for`
          : undefined;
  if (detail === undefined) return;
  throw new SallyportError("body_invalid", `maxMinutes: ${detail}`, {
    issues: [{ pointer: "/maxMinutes", detail }],
    hint: "nothing was decided: leave it out, or name less than was asked for",
  });
}
