import type { Caller } from "../core/caller.ts";
import type { Fence } from "../core/event-store.ts";
import { LOCK, type Locks } from "../core/locks.ts";
import { type Activated, CONF, requireActivated } from "./activated.ts";
import type { Call } from "./call.ts";
import { identify } from "./identify.ts";
import { type Loaded, loadRequest, visible } from "./load-request.ts";
import { loadLocks } from "./locks.ts";
import type { CommonPorts } from "./ports.ts";

/** What a call about one request is judged by: all of it read in the attempt that is to be committed. */
export interface AboutRequest extends Loaded {
  configuration: Activated;
  locks: Locks;
  caller: Caller;
}

/** Reads it, for somebody who may see the request. Throws `not_activated`, and what `identify` and `visible` throw. */
export async function aboutRequest(
  call: Call,
  ports: CommonPorts,
  id: string,
): Promise<AboutRequest> {
  const set = requireActivated(ports.events);
  const [configuration, locks, loaded] = await Promise.all([
    set,
    loadLocks(ports.events, set),
    loadRequest(ports.events, id, set),
  ]);
  const caller = await identify(configuration, call.principal, ports);
  return { configuration, locks, caller, ...visible(ports, configuration, caller, loaded) };
}

/** That neither the activated set nor the locks have moved since they were read. */
export function fencedOn({ seq }: Activated, locks: Locks): Fence[] {
  return [
    { chain: CONF, seq },
    { chain: LOCK, seq: locks.tail.seq },
  ];
}
