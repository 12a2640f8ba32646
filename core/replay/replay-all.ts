import { type Event, readEvent, type StoredEvent } from "../event.ts";
import type { PolicyEngine } from "../policy-engine.ts";
import type { TakenRecord } from "./record.ts";
import { isDecision, type Replay, replayEvent } from "./replay-event.ts";

/** A decision of a record, and what came of making it again. */
export interface Replayed {
  chain: string;
  seq: number;
  /** Undefined where the event cannot be read. */
  eventId: string | undefined;
  kind: Event["kind"] | undefined;
  replay: Replay;
}

/** Makes every decision among events again, one by one, each from what stands before it in the record. */
export function* replayAll(
  policy: PolicyEngine,
  record: TakenRecord,
  events: readonly StoredEvent[],
): Generator<Replayed> {
  for (const stored of events) {
    if (!isDecision(stored)) continue;
    const replay = replayEvent(policy, record, stored);
    if (replay === undefined) continue;
    const { chain, seq } = stored;
    yield { chain, seq, ...namesOf(stored), replay };
  }
}

function namesOf(stored: StoredEvent): Pick<Replayed, "eventId" | "kind"> {
  try {
    const { eventId, kind } = readEvent(stored);
    return { eventId, kind };
  } catch {
    return { eventId: undefined, kind: undefined };
  }
}
