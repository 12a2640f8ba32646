import type { Operation } from "../world.ts";
import { demandOnSession } from "./authorize-ssm.ts";
import { sessionIdOf } from "./session-id.ts";

/**
 * TerminateSession: answers success for any id, known or not, as AWS does; a session's end has to be
 * looked up, not believed. The agent kills the one process it started; what that process started
 * lives on unless the loss of its terminal ends it.
 */
export const terminateSession: Operation = (world, principal, input) => {
  const id = sessionIdOf(input);
  demandOnSession(world, principal, "ssm:TerminateSession", id);
  world.sessions.terminate(id);
  return { SessionId: id };
};
