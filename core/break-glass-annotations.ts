/** What a rule for emergencies says of its own limits. */
export interface BreakGlassTerms {
  /** So often in one UTC day one person may break the glass under it. */
  maxPerDay: number;
  /** Until when somebody else has to review each time. */
  reviewWithinSeconds: number;
}

export const breakGlassKeys = ["break_glass", "max_per_day", "review_within"];

const DAY_SECONDS = 86_400;
/** Within which a review is owed where no rule says otherwise. */
export const REVIEW_WITHIN_SECONDS = DAY_SECONDS;
/** No rule leaves it for longer. */
export const LATEST_REVIEW_SECONDS = 7 * DAY_SECONDS;
const MOST_PER_DAY = 20;
/** What is said of waiting for approvals, where nobody is waited for. */
const OF_WAITING = ["request_ttl", "deny_after"];

/**
 * Reads `@break_glass`, `@max_per_day("3")` and `@review_within("24h")`; undefined where the rule is an ordinary
 * one. Nobody is asked before such a rule is used, so `@approvals` must say none, and nothing may be said of
 * waiting. `duration` reads a duration, with what it is where it is left out, and reports one that is none.
 */
export function readBreakGlass(
  given: { readonly [key: string]: string | null | undefined },
  duration: (key: string, mostSeconds: number, otherwise: number) => number,
  complain: (defect: string) => void,
): BreakGlassTerms | undefined {
  if (!Object.hasOwn(given, "break_glass")) {
    for (const key of breakGlassKeys) {
      if (Object.hasOwn(given, key)) complain(`@${key} means nothing without @break_glass`);
    }
    return undefined;
  }
  const flag = given["break_glass"];
  if (flag !== null && flag !== "") complain("@break_glass has no value");
  if (Object.hasOwn(given, "approvals") && given["approvals"]?.trim() !== "none") {
    complain('@break_glass asks nobody beforehand: @approvals("none")');
  }
  for (const key of OF_WAITING) {
    if (Object.hasOwn(given, key)) complain(`@${key} means nothing with @break_glass`);
  }
  const count = given["max_per_day"] === undefined ? "3" : (given["max_per_day"] ?? "");
  const maxPerDay = /^[1-9][0-9]?$/.test(count) ? Number(count) : 0;
  if (maxPerDay < 1 || maxPerDay > MOST_PER_DAY) {
    complain(`@max_per_day is a count from 1 to ${MOST_PER_DAY}, such as "3"`);
  }
  const reviewWithinSeconds = duration(
    "review_within",
    LATEST_REVIEW_SECONDS,
    REVIEW_WITHIN_SECONDS,
  );
  return { maxPerDay, reviewWithinSeconds };
}
