import type { Caller } from "../core/caller.ts";
import { SallyportError } from "../core/errors.ts";
import type { StoredEvent } from "../core/event.ts";
import type { EventStore } from "../core/event-store.ts";
import { foldRequest } from "../core/fold-request.ts";
import { requestIdPattern } from "../core/ids.ts";
import { mayRead } from "../core/may-read.ts";
import type { Configuration } from "../core/policy-engine.ts";
import { type RequestState } from "../core/request-state.ts";
import type { CommonPorts } from "./ports.ts";

export interface Loaded {
  state: RequestState;
  stored: StoredEvent[];
}

/** The chain of a request, folded; `absent` when there is none. Throws `record_corrupt`. */
export async function loadRequest(events: EventStore, id: string): Promise<Loaded> {
  if (!requestIdPattern.test(id)) return { state: foldRequest(id, []), stored: [] };
  const stored = await events.load(`REQ#${id}`);
  return { state: foldRequest(id, stored), stored };
}

/** For whoever may see it. To anybody else it is as absent as one that never was: `request_not_found`. */
export function visible(
  ports: Pick<CommonPorts, "policy">,
  configuration: Configuration,
  caller: Caller,
  loaded: Loaded,
): Loaded {
  if (mayRead(ports.policy, configuration, loaded.state, caller)) return loaded;
  throw new SallyportError("request_not_found", "no such request, or none that you may see", {
    hint: "`sallyport ls` lists those you may see",
  });
}
