import type { RequestView } from "../api/response-schemas.ts";
import { type Shown, shown } from "./shown.ts";

/** Wishes for more time, a line for each. */
export function extensionLines({ extensions = [] }: Pick<RequestView, "extensions">): Shown[] {
  return extensions.map(({ number, minutes, reason, status, expiresAt, from, decisions }) => {
    const became = {
      pending: shown`waits for decisions, until ${from}`,
      granted: shown`granted: it ends at ${expiresAt ?? from}`,
      denied: shown`denied by ${decisions
        .filter(({ decision }) => decision === "deny")
        .map(({ person }) => person)
        .join(", ")}`,
      superseded: shown`another was asked for in its place`,
      lapsed: shown`not decided in time`,
    }[status];
    return shown`extension ${number} of ${minutes} minutes ("${reason}"): ${became}`;
  });
}
