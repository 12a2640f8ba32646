import { looked } from "../kit/looks.ts";
import type { Evidence } from "./evidence.ts";
import { intentFirst, tokenNowhereElse, tokenOnlyByGrant } from "./invariants/credentials.ts";
import { asApproved, distinctApprovers } from "./invariants/people.ts";
import { failsClosed, nothingLost, nothingStuck, refusedOnce } from "./invariants/record.ts";
import { notAfterExpiry, nothingAfterStop } from "./invariants/time.ts";
import { onceOnTheWire, onePerKey, usesWithinLimit } from "./invariants/uses.ts";

/** What has to be true of every run, whatever broke in it: by its number, what is wrong; nothing where it holds. */
export const invariants = {
  I1: tokenOnlyByGrant,
  I2: intentFirst,
  I3: onceOnTheWire,
  I4: usesWithinLimit,
  I5: distinctApprovers,
  I6: asApproved,
  I7: notAfterExpiry,
  I8: nothingAfterStop,
  I9: nothingStuck,
  I10: failsClosed,
  I12: refusedOnce,
  I13: nothingLost,
  I16: tokenNowhereElse,
  I17: onePerKey,
} as const satisfies { [number: string]: (evidence: Evidence) => string[] };

/** `I4: …` for each thing that is wrong; empty for a run in which everything held. */
export function violations(evidence: Evidence): string[] {
  looked("invariants");
  return Object.entries(invariants).flatMap(([number, holds]) =>
    holds(evidence).map((what) => `${number}: ${what}`),
  );
}
