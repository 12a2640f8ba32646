import type { RequestView } from "../api/response-schemas.ts";
import { type Shown, shown } from "./shown.ts";

/** What one person decided, when and with which words. */
export function decisionLine(decision: RequestView["decisions"][number]): Shown {
  const said = decision.decision === "approve" ? "approved" : "denied";
  const comment = decision.comment === undefined ? shown`` : shown`: "${decision.comment}"`;
  const counts = decision.counts ? shown`` : shown` (of an earlier card: it no longer counts)`;
  const cap =
    decision.maxMinutes === undefined
      ? shown``
      : shown`, for ${decision.maxMinutes} minutes at most`;
  return shown`${said} by ${decision.person} at ${decision.at}${cap}${counts}${comment}`;
}
