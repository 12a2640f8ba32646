import { nextEvent, type StoredEvent } from "../../core/event.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { Activated } from "../activated.ts";
import { givingBack } from "../holds.ts";
import type { SweeperPorts } from "../ports.ts";
import { SWEEPER } from "./actor.ts";

/** What the sweeper puts on record of a request: with what its attempt held, where nothing of it is left. */
export async function withHolds(
  ports: SweeperPorts,
  configuration: Activated,
  state: RequestState,
  body: EventBody,
): Promise<StoredEvent[]> {
  const by = {
    actor: SWEEPER,
    configuration: { seq: configuration.seq, hash: configuration.hash },
    now: ports.clock.now(),
    random: ports.random,
  };
  const event = nextEvent(state.tail, body, by);
  if (body.kind !== "session.ended" && body.kind !== "exec.settled") return [event];
  const attempt = state.attempts.find((one) => one.attempt === body.data.attempt);
  if (attempt === undefined) return [event];
  return [
    event,
    ...(await givingBack(ports.events, "hold.released", state, attempt, by, configuration)),
  ];
}
