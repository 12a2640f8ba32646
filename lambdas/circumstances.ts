import { actorOf, type Caller } from "../core/caller.ts";
import type { EpochMillis } from "../core/clock.ts";
import type { Circumstances } from "../core/event.ts";
import type { Configuration } from "../core/policy-engine.ts";
import type { Call } from "./call.ts";
import type { CommonPorts } from "./ports.ts";

/** What an event says of the call that made it: who, under which activated set, by which call, and when. */
export function circumstancesOf(
  call: Call,
  ports: Pick<CommonPorts, "random">,
  configuration: Configuration,
  caller: Caller,
  now: EpochMillis,
): Circumstances {
  return {
    actor: actorOf(caller),
    configuration: { seq: configuration.seq, hash: configuration.hash },
    call: call.call,
    now,
    random: ports.random,
  };
}
