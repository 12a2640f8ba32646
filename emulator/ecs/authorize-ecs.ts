import { authorize, principalContext } from "../authorization.ts";
import { AwsError } from "../aws-error.ts";
import { type RequestContext, tagEntries } from "../iam/context.ts";
import type { Principal } from "../principal.ts";
import type { World } from "../world.ts";

/**
 * Asks IAM for one action on one ARN. Throws AccessDeniedException. Tags of a cluster, service or task
 * of the fleet are in the context under both names IAM knows; for an ARN that names nothing there are
 * none, so that a policy by tag denies it.
 */
export function demandEcs(
  world: World,
  principal: Principal,
  action: string,
  resource: string,
  context: RequestContext = {},
): void {
  const tags = tagsOf(world, resource);
  const decision = authorize(principal, action, resource, {
    ...principalContext(principal, world.now(), world.region),
    ...tagEntries("aws:ResourceTag", tags),
    ...tagEntries("ecs:ResourceTag", tags),
    ...context,
  });
  if (decision.kind === "denied") throw new AwsError("AccessDeniedException", decision.message);
}

function tagsOf({ fleet }: World, arn: string): { readonly [key: string]: string } {
  for (const cluster of fleet.clusters) {
    if (cluster.arn === arn) return cluster.tags;
    const found = [...cluster.services, ...cluster.tasks].find((resource) => resource.arn === arn);
    if (found !== undefined) return found.tags;
  }
  return {};
}
