import { SallyportError } from "../errors.ts";
import { readEvent, type StoredEvent } from "../event.ts";
import { foldRequest } from "../fold-request.ts";
import type { RequestState } from "../request-state.ts";

/** What is on record of the request that a call claims to be for. */
export type History =
  | { kind: "absent" }
  /** Its chain does not verify: nothing on it can speak for a call. */
  | { kind: "spoilt" }
  | {
      kind: "request";
      state: RequestState;
      /** Whether it was ever granted, whatever became of that. */
      wasGranted: boolean;
    };

/** Reads a request's chain for comparison. Throws `sealed` where a later version wrote it, and nothing else. */
export function historyOf(id: string, stored: StoredEvent[]): History {
  try {
    // As it was recorded: what a restore voided was as it was when it was done.
    const state = foldRequest(id, stored, []);
    if (state.stage === "absent") return { kind: "absent" };
    return { kind: "request", state, wasGranted: stored.some(grants) };
  } catch (error) {
    if (error instanceof SallyportError && error.code === "sealed") throw error;
    return { kind: "spoilt" };
  }
}

function grants(stored: StoredEvent): boolean {
  const event = readEvent(stored);
  if (event.kind === "request.asked" || event.kind === "request.recarded") {
    return event.data.automatic.length > 0;
  }
  if (event.kind === "decision.approved") return event.data.grant !== null;
  return event.kind === "glass.broken";
}
