import { readablePart } from "../../core/fold-request.ts";
import type { Attempt, RequestState } from "../../core/request-state.ts";
import type { SweeperPorts } from "../ports.ts";
import { waitUntilOver } from "../wait-until-over.ts";
import { settleAttempt } from "./settle-attempt.ts";

/**
 * Ends what a request may have running whose chain cannot be read to its end. What it has is known by the events
 * before the first that does not fit, and `isDue` says what of it is to end; nothing can be put on record of that,
 * and `EndUnverified` counts what was not seen to be over.
 */
export async function endUnreadable(
  ports: SweeperPorts,
  id: string,
  isDue: (state: RequestState, attempt: Attempt) => boolean,
): Promise<void> {
  const state = readablePart(id, await ports.events.loadReadable(`REQ#${id}`));
  const place = state.exec?.place;
  if (place === undefined) return;
  for (const attempt of state.attempts.filter((one) => isDue(state, one))) {
    const { sessionId } = attempt;
    if (attempt.state === "opening" || attempt.state === "unknown") {
      await settleAttempt(ports, state, attempt);
    } else if (attempt.state === "opened" && sessionId !== undefined) {
      const seen = await ports.sessionWatch.seen(place, sessionId).catch(() => undefined);
      if (seen?.over === true) continue;
      await ports.sessionEnder.terminate(place, sessionId);
      if ((await waitUntilOver(ports, place, sessionId)) === undefined) {
        ports.metrics.count("EndUnverified");
      }
    }
  }
}
