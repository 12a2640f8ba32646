import type { Caller } from "../caller.ts";
import type { Event } from "../event.ts";
import type { EventBody } from "../event-kinds.ts";
import type { Configuration, PolicyEngine } from "../policy-engine.ts";
import type { RequestState } from "../request-state.ts";
import type { TakenRecord } from "./record.ts";

/** What a decision is made again with. */
export interface Again {
  policy: PolicyEngine;
  record: TakenRecord;
  configuration: Configuration;
  /** Of the request, before the event; absent of a decision about none. */
  state: RequestState;
  /** Who decided; of what the gateway itself does, whose right it judged. */
  caller: Caller;
  event: Event;
}

/** Answers the event that the decision makes now; throws what the decision throws. */
export type MakeAgain = (again: Again) => EventBody;
