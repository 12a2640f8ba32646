import type { RequestView } from "../api/response-schemas.ts";
import type { AnyCard } from "../core/card.ts";

/** What an approver decides on: a request that is pending, or more time that is asked for under one. */
export interface Decidable
  extends Pick<RequestView, "id" | "requester" | "rules" | "decisions" | "digest" | "lapsesAt"> {
  card?: AnyCard | undefined;
  /** Of more time: it was asked for under a grant. */
  isExtension: boolean;
}

/** The wish for more time that waits for decisions; undefined where none does. */
export function pendingOf(request: RequestView): Decidable | undefined {
  const waits = request.extensions?.find(({ status }) => status === "pending");
  if (waits === undefined) return undefined;
  const { card, digest, rules, decisions, from } = waits;
  const { id, requester } = request;
  return { id, requester, card, digest, rules, decisions, lapsesAt: from, isExtension: true };
}

/** What there is to decide on a request now; undefined where that is nothing. */
export function decidable(request: RequestView): Decidable | undefined {
  return request.status === "pending" ? { ...request, isExtension: false } : pendingOf(request);
}
