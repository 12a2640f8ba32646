import type { RequestView } from "../api/response-schemas.ts";
import { cardCheck } from "./card-check.ts";
import { cardLines } from "./card-view.ts";
import { counted } from "./counted.ts";
import { decisionLine } from "./decision-line.ts";
import { denialLines, lacksLines } from "./lacks-view.ts";
import { type Shown, shown } from "./shown.ts";

type Extension = NonNullable<RequestView["extensions"]>[number];

/** Wishes for more time, a line for each. */
export function extensionLines({ extensions = [] }: Pick<RequestView, "extensions">): Shown[] {
  return extensions.map((extension) => {
    const { number, minutes, reason, status, expiresAt, from, decisions } = extension;
    const became = {
      pending: shown`waits for decisions, until ${from}`,
      granted: shown`granted${minutesGranted(extension)}: it ends at ${expiresAt ?? from}`,
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

/**
 * One wish for more time with all there is to know: who decided what of it and, while it waits, its card and its
 * digest. Whoever has no terminal approves by what is read here.
 */
export function extensionStanding(extension: Extension): Shown[] {
  const lines = [
    ...extensionLines({ extensions: [extension] }),
    ...extension.decisions.map((decision) => shown`  ${decisionLine(decision)}`),
  ];
  if (extension.status !== "pending") return lines;
  const { number, card } = extension;
  const check = cardCheck(extension);
  return [
    ...lines,
    ...(card === undefined
      ? [shown`card of extension ${number}: none, or erased from the record`]
      : [shown`card of extension ${number}`, ...cardLines(card)]),
    ...(check === undefined ? [] : [shown`  digest        ${check.digest}`]),
    ...denialLines(extension),
    ...lacksLines(extension),
  ];
}

/** ` for 20 minutes`: an approver may have granted less than was asked for. */
function minutesGranted({ from, expiresAt }: Extension): string {
  if (expiresAt === undefined) return "";
  const granted = Math.round((Date.parse(expiresAt) - Date.parse(from)) / 60_000);
  return ` for ${counted(granted, "minute")}`;
}
