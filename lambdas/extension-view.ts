import type { RequestView } from "../api/response-schemas.ts";
import { isoTime } from "../core/clock.ts";
import type { Extension } from "../core/extension.ts";
import type { Configuration } from "../core/policy-engine.ts";
import type { RequestState, Status } from "../core/request-state.ts";
import { decisionViews, ruleViews } from "./decision-views.ts";

type ExtensionView = NonNullable<RequestView["extensions"]>[number];

/** Wishes for more time as the API shows them: one that waits lapses with its request. */
export function extensionViews(
  state: Pick<RequestState, "extensions" | "requester">,
  status: Status,
  directory: Configuration["directory"],
): ExtensionView[] {
  return state.extensions.map((extension) => ({
    number: extension.number,
    status: statusOf(extension, status),
    minutes: extension.minutes,
    reason: extension.reason ?? "",
    askedAt: isoTime(extension.askedAt),
    from: isoTime(extension.from),
    until: isoTime(extension.until),
    ...(extension.expiresAt === undefined ? {} : { expiresAt: isoTime(extension.expiresAt) }),
    ...(extension.card === undefined ? {} : { card: extension.card }),
    ...(extension.digest === undefined ? {} : { digest: extension.digest }),
    rules: ruleViews(
      extension.rules,
      { requester: state.requester, decisions: extension.decisions },
      directory,
    ),
    decisions: decisionViews(extension.decisions),
  }));
}

function statusOf({ stage }: Extension, request: Status): ExtensionView["status"] {
  return stage === "pending" && request !== "approved" ? "lapsed" : stage;
}
