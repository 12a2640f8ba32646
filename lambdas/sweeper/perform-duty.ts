import type { Duty } from "../../core/duties.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { RequestState } from "../../core/request-state.ts";
import type { SweeperPorts } from "../ports.ts";
import { endSession } from "./end-session.ts";
import { lookForClient } from "./look-for-client.ts";
import { settleAttempt } from "./settle-attempt.ts";

/**
 * Does what is due, and answers what goes on record of it; undefined where there is nothing to say, as yet or at
 * all. Throws what AWS or the record throws.
 */
export async function performDuty(
  ports: SweeperPorts,
  state: RequestState,
  duty: Duty,
): Promise<EventBody | undefined> {
  switch (duty.kind) {
    case "end":
      return await endSession(ports, state, duty);
    case "settle":
      return await settleAttempt(ports, state, duty.attempt);
    case "look":
      return await lookForClient(ports, state, duty.attempt);
    case "expire":
      return { kind: "request.expired", data: { status: duty.status }, values: {} };
  }
}
