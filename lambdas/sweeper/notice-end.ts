import { SETTLE_MS } from "../../core/due.ts";
import type { EventBody } from "../../core/event-kinds.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import type { EndStrength } from "../../core/kinds/swept.ts";
import { illegal } from "../../core/transitions.ts";
import { requireActivated } from "../activated.ts";
import { commit } from "../commit.ts";
import { loadRequest } from "../load-request.ts";
import type { SweeperPorts } from "../ports.ts";
import { withHolds } from "./with-holds.ts";

const APPEND_MS = 10_000;

/**
 * Puts on record that a session is over which nobody here ended: its command exited, its client let it idle, or
 * somebody ended it beside the gateway. A session that no event names is none of ours. False where it is not
 * the time to say so: then it is looked at again.
 */
export async function noticeEnd(
  ports: SweeperPorts,
  seen: SeenSession,
  strength: EndStrength,
): Promise<boolean> {
  let noticed = true;
  const chains = await ports.events.chainsOfSession(seen.sessionId);
  for (const chain of chains.filter((one) => one.startsWith("REQ#"))) {
    await commit<void>(ports, ports.clock.now() + APPEND_MS, async () => {
      const set = requireActivated(ports.events);
      const [configuration, { state }] = await Promise.all([
        set,
        loadRequest(ports.events, chain.slice("REQ#".length), set),
      ]);
      const attempt = state.attempts.find((one) => one.sessionId === seen.sessionId);
      if (attempt === undefined) return { events: [], result: undefined };
      const { replaceAskedAt } = attempt;
      // Where its task is to be stopped, that its session is over is not yet what was asked for.
      if (attempt.stopTask === true && strength !== "task-stopped" && ports.taskStopper) {
        noticed = false;
        return { events: [], result: undefined };
      }
      if (replaceAskedAt !== undefined && ports.clock.now() < replaceAskedAt + SETTLE_MS) {
        // What it holds is being handed to the session in its place, in one transaction.
        noticed = false;
        return { events: [], result: undefined };
      }
      const body: EventBody = {
        kind: "session.ended",
        data: {
          attempt: attempt.attempt,
          sessionId: seen.sessionId,
          cause: replaceAskedAt === undefined ? "by_itself" : "replaced",
          strength,
          endedAt: seen.endedAt,
        },
        values: {},
      };
      if (illegal(state, body) !== undefined) return { events: [], result: undefined };
      const events = await withHolds(ports, configuration, state, body);
      return { events, fences: [], result: undefined };
    });
  }
  return noticed;
}
