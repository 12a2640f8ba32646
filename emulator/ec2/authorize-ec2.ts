import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import type { Principal } from "../principal.ts";
import type { World } from "../world.ts";

/** Asks IAM for a Describe action, of which EC2 knows no resource. Throws UnauthorizedOperation. */
export function demandEc2(world: World, principal: Principal, action: string): void {
  const context = principalContext(principal, world.now(), world.region);
  const decision = authorize(principal, action, "*", context);
  if (decision.kind === "denied") {
    throw new AwsError(
      "UnauthorizedOperation",
      "You are not authorized to perform this operation.",
      403,
    );
  }
}
