import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import { tagEntries } from "../iam/context.ts";
import type { Principal } from "../principal.ts";
import type { World } from "../world.ts";

/**
 * Asks IAM for an action on one session. The tags are those Session Manager gives every session, by
 * which a policy can tell the sessions of one cluster; a session that does not exist has none. Throws
 * AccessDeniedException.
 */
export function demandOnSession(
  world: World,
  principal: Principal,
  action: string,
  sessionId: string,
): void {
  const session = world.sessions.get(sessionId);
  const tags =
    session === undefined
      ? {}
      : { "aws:ssmmessages:target-id": session.target, "aws:ssmmessages:session-id": session.id };
  const arn = `arn:aws:ssm:${world.region}:${world.account}:session/${sessionId}`;
  demand(world, principal, action, arn, tags);
}

/** Asks IAM for an action it knows no resource for: only a statement on `*` allows it. */
export function demandOnAll(world: World, principal: Principal, action: string): void {
  demand(world, principal, action, "*", {});
}

function demand(
  world: World,
  principal: Principal,
  action: string,
  arn: string,
  tags: { [key: string]: string },
): void {
  const decision = authorize(principal, action, arn, {
    ...principalContext(principal, world.now(), world.region),
    ...tagEntries("ssm:resourceTag", tags),
    ...tagEntries("aws:ResourceTag", tags),
  });
  if (decision.kind === "denied") throw new AwsError("AccessDeniedException", decision.message);
}
