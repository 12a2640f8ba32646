import { AwsError } from "../aws-error.ts";
import type { Operation } from "../world.ts";
import { demandOnSession } from "./authorize-ssm.ts";
import { sessionIdOf } from "./session-id.ts";

/** ResumeSession is not emulated: after IAM it says of every session that it does not exist. */
export const resumeSession: Operation = (world, principal, input) => {
  const id = sessionIdOf(input);
  demandOnSession(world, principal, "ssm:ResumeSession", id);
  throw new AwsError("DoesNotExistException", `Session ${id} does not exist or cannot be resumed`);
};
